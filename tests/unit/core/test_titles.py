"""Titles: one clean line, whatever the source sends (K07)."""

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from figgosync.core.titles import LONGEST_TITLE, clean_title

FAMILY = "\N{MAN}\u200d\N{WOMAN}\u200d\N{GIRL}"
THUMB = "\N{THUMBS UP SIGN}\N{EMOJI MODIFIER FITZPATRICK TYPE-5}"
FLAG = "\N{REGIONAL INDICATOR SYMBOL LETTER F}\N{REGIONAL INDICATOR SYMBOL LETTER R}"
SCOTLAND = "\U0001f3f4" + "".join(map(chr, [0xE0067, 0xE0062, 0xE0073, 0xE0063, 0xE0074, 0xE007F]))


@pytest.mark.parametrize(
    ("text", "title"),
    [
        pytest.param("Congés payés", "Congés payés", id="accents-stay"),
        pytest.param("  Congés \t payés ", "Congés payés", id="white-space"),
        pytest.param("Congés\u00a0payés", "Congés payés", id="no-break-space"),
        pytest.param("Absent\r\nBCC: all@societe.com", "Absent BCC: all@societe.com", id="newline"),
        pytest.param("a\u2028b\u2029c\x0bd\x85e", "a b c d e", id="other-line-separators"),
        pytest.param("a\x00b\x1bc\x7fd\x9fe", "abcde", id="control-characters"),
        pytest.param("\u202etnesbA\u202c \u2066x\u2069", "tnesbA x", id="bidi-controls"),
        pytest.param("Absent\u200e\u200f\u061c", "Absent", id="bidi-marks"),
        pytest.param("\ufeffAbsent\ufffe\uffff\ufdd0", "Absent", id="noncharacters"),
        pytest.param("Ab\ud800sent", "Absent", id="lone-surrogate"),
        pytest.param("<b>Absent</b> & 'co'", "<b>Absent</b> & 'co'", id="markup-is-only-text"),
        pytest.param("חופשה", "חופשה", id="right-to-left-text-stays"),
        pytest.param(f"{FAMILY} {THUMB} {FLAG}", f"{FAMILY} {THUMB} {FLAG}", id="emoji-stay"),
        pytest.param("\x00\u200e \n", "", id="nothing-visible"),
        pytest.param("", "", id="empty"),
        pytest.param("a" * 255, "a" * 255, id="just-short-enough"),
        pytest.param("a" * 10_000, "a" * 255, id="too-long"),
        pytest.param("a" * 254 + " b", "a" * 254, id="no-space-at-the-cut"),
        pytest.param("é" * 200 + "e\u0301" * 30, "é" * 200 + "e\u0301" * 27, id="accent-not-cut"),
    ],
)
def test_k07_a_title_is_one_clean_line(text: str, title: str) -> None:
    assert clean_title(text) == title


@pytest.mark.parametrize("cluster", [FAMILY, THUMB, FLAG, SCOTLAND, "e\u0301\u0323", "☂\ufe0f"])
@pytest.mark.parametrize("lead", range(4))
def test_a_cut_never_halves_what_a_reader_sees_as_one(cluster: str, lead: int) -> None:
    title = clean_title("x" * lead + cluster * 200)
    repeated = title.removeprefix("x" * lead)
    assert len(repeated) % len(cluster) == 0
    assert repeated == cluster * (len(repeated) // len(cluster))
    assert LONGEST_TITLE - units(title) < units(cluster)


def test_a_character_longer_than_a_title_is_cut_rather_than_lost() -> None:
    monster = "e" + "\u0301" * 400
    assert clean_title(monster) == monster[:LONGEST_TITLE]


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=400))
@example("a" * 254 + " \u0301" + "b")
@example("a" * 254 + "\N{GRINNING FACE}")
def test_any_text_becomes_a_title_that_cleaning_no_longer_changes(text: str) -> None:
    title = clean_title(text)
    assert clean_title(title) == title
    assert title == title.strip()
    assert units(title) <= LONGEST_TITLE
    assert not {unicodedata.category(char) for char in title} & {"Cc", "Cs", "Zl", "Zp"}
    title.encode()


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
