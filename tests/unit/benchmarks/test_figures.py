"""Figures as they are written down."""

import pytest

from benchmarks.figures import Figure, Table, as_markdown, as_text, percentile, rounded


@pytest.mark.parametrize(
    ("percent", "expected"), [(50, 5), (95, 10), (100, 10), (0, 1), (91, 10), (90, 9)]
)
def test_a_percentile_is_a_value_that_was_measured(percent: float, expected: float) -> None:
    assert percentile([10, 1, 2, 9, 3, 8, 4, 7, 5, 6], percent) == expected


def test_there_is_no_percentile_of_nothing() -> None:
    with pytest.raises(ValueError, match="of nothing"):
        percentile([], 50)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (7, "7"),
        (7.0, "7"),
        (12_345, "12 345"),
        (12_345.6, "12 346"),
        (123.4, "123"),
        (12.345, "12.3"),
        (1.2345, "1.23"),
        (0.012345, "0.0123"),
        (-0.5, "-0.500"),
    ],
)
def test_a_number_is_written_with_three_digits(value: float, text: str) -> None:
    assert rounded(value) == text


def test_a_ratio_is_there_only_where_something_was_compared() -> None:
    assert Figure("time", 3.0, "s", 6.0).ratio == 0.5
    assert Figure("time", 3.0, "s").ratio is None
    assert Figure("time", 3.0, "s", 0.0).ratio is None


def test_a_table_says_what_was_compared_with_what() -> None:
    table = Table("Reading", "plain loop", [Figure("all", 3.0, "s", 6.0)], ["Both over TLS."])
    assert as_markdown(table) == (
        "### Reading\n"
        "\n"
        "| figure | figgo-calendar-sync | plain loop | ratio |\n"
        "| --- | --: | --: | --: |\n"
        "| all | 3 s | 6 s | 0.50 |\n"
        "\n"
        "Both over TLS.\n"
    )
    assert as_text(table) == (
        "Reading\n"
        "\n"
        "figure  figgo-calendar-sync  plain loop  ratio\n"
        "all                     3 s         6 s   0.50\n"
        "Both over TLS.\n"
    )
