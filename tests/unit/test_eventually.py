"""The helper that waits must never pass by saying nothing, nor wait for what has failed."""

from datetime import timedelta

import pytest

from support.eventually import eventually

NOW = timedelta(0)
SOON = timedelta(seconds=5)


def test_the_first_true_value_is_returned() -> None:
    values = iter([None, 0, "", "there", "too late"])
    assert eventually(lambda: next(values), within=SOON) == "there"


def test_an_assertion_means_not_yet() -> None:
    counts = iter(range(5))

    def at_least_two() -> bool:
        assert next(counts) >= 2
        return True

    assert eventually(at_least_two, within=SOON)


def test_a_check_that_only_asserts_does_not_pass() -> None:
    with pytest.raises(AssertionError, match="the last answer was None"):
        eventually(lambda: None, within=NOW)


def test_the_last_refusal_is_told() -> None:
    def never() -> None:
        raise AssertionError("apples, not pears")

    with pytest.raises(AssertionError, match="apples") as caught:
        eventually(never, within=NOW)
    assert isinstance(caught.value.__cause__, AssertionError)


def test_any_other_error_is_a_failure_at_once() -> None:
    calls = []

    def broken() -> bool:
        calls.append(1)
        raise KeyError

    with pytest.raises(KeyError):
        eventually(broken, within=SOON)
    assert len(calls) == 1


def test_the_caller_says_which_errors_mean_not_yet() -> None:
    answers = iter([LookupError, LookupError, None])

    def present() -> bool:
        if error := next(answers):
            raise error
        return True

    assert eventually(present, within=SOON, not_yet=(LookupError,))
