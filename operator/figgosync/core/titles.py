"""Text of any origin, made fit to be the title of a calendar event."""

import unicodedata
from collections.abc import Iterator

LONGEST_TITLE = 255
"""In UTF-16 code units: the longest subject that Outlook takes (assumed; EWS documents none)."""

# They would let a title reorder the text around it, or look like another one.
_BIDI_CONTROLS = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
_BYTE_ORDER_MARK = "\ufeff"
_ZERO_WIDTH_JOINER = "\u200d"
_SKIN_TONES = range(0x1F3FB, 0x1F3FF + 1)
_FLAG_LETTERS = range(0x1F1E6, 0x1F1FF + 1)
_FLAG_TAGS = range(0xE0020, 0xE007F + 1)


def clean_title(text: str) -> str:
    """Return `text` as one trimmed line of at most LONGEST_TITLE units; it may come out empty.

    White space of any kind and length becomes one space. Control characters, characters that
    XML cannot carry and bidirectional controls go. A cut never halves what a reader sees as one
    character, unless that one is longer than a whole title. Cleaning twice changes nothing.
    """
    visible = "".join(char for char in text if char.isspace() or _is_fit(char))
    return _cut(" ".join(visible.split()))


def _is_fit(char: str) -> bool:
    code = ord(char)
    noncharacter = code & 0xFFFE == 0xFFFE or code in range(0xFDD0, 0xFDEF + 1)  # noqa: PLR2004 - Unicode 23.7
    return not (
        noncharacter
        or unicodedata.category(char) in {"Cc", "Cs"}
        or char in _BIDI_CONTROLS
        or char == _BYTE_ORDER_MARK
    )


def _cut(line: str) -> str:
    if _units(line) <= LONGEST_TITLE:
        return line
    kept = _longest(_clusters(line)) or _longest(iter(line))
    return kept.rstrip()


def _longest(pieces: Iterator[str]) -> str:
    kept, left = [], LONGEST_TITLE
    for piece in pieces:
        left -= _units(piece)
        if left < 0:
            break
        kept.append(piece)
    return "".join(kept)


def _units(text: str) -> int:
    return sum(2 if ord(char) > 0xFFFF else 1 for char in text)  # noqa: PLR2004 - end of the BMP


def _clusters(line: str) -> Iterator[str]:
    """Cut into what a reader sees as one character: the usual cases, not all of UAX 29."""
    cluster = ""
    for char in line:
        if cluster and not _extends(cluster, char):
            yield cluster
            cluster = ""
        cluster += char
    yield cluster


def _extends(cluster: str, char: str) -> bool:
    code = ord(char)
    second_flag_letter = (
        code in _FLAG_LETTERS and len(cluster) == 1 and ord(cluster) in _FLAG_LETTERS
    )
    return (
        unicodedata.category(char) in {"Mn", "Mc", "Me"}
        or char == _ZERO_WIDTH_JOINER
        or cluster.endswith(_ZERO_WIDTH_JOINER)
        or code in _SKIN_TONES
        or code in _FLAG_TAGS
        or second_flag_letter
    )
