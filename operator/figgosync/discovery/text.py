"""The report as people read it at a terminal of a hundred columns."""

import textwrap
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import assert_never

from figgosync.core.clocks import ENOUGH, ClockReading, StampZone
from figgosync.core.scope import CLOCK_TOLERANCE
from figgosync.core.titles import clean_title
from figgosync.discovery.report import (
    Absences,
    AbsenceType,
    Addresses,
    Entity,
    People,
    Report,
)
from figgosync.figgo.survey import MODIFIED, SinceAnswer

WIDTH = 100
_LONGEST_ZONE = 20
_GAP = "  "
_INDENT = "  "
_TERM = 36


def as_text(report: Report) -> str:
    """Return the report in lines of at most WIDTH columns."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield from _wrapped(f"CalendarSyncTenant {report.tenant} and its Figgo, {report.url}", "")
    yield from ("", "LEGAL ENTITIES that the API key sees")
    yield from _entities(report.entities)
    if report.not_visible:
        ids = ", ".join(map(str, report.not_visible))
        yield from _wrapped(
            f"NOT VISIBLE, though spec.legalEntities names them: {ids}. Give the role of the API "
            "key access to them, or correct the spec."
        )
    yield from ("", "EMPLOYEES")
    yield from _people(report.people)
    yield from _addresses(report.addresses)
    yield from ("", f"ABSENCES of the legal entities served, from {report.absences.first_day} on")
    yield from _absences(report.absences)
    yield from ("", "HOW THIS FIGGO ANSWERS")
    yield from _term("pending absences", _pending(report.absences))
    for answer in report.since:
        yield from _term(_field(answer), _since(answer))
    yield from _term("timestamps", _clock(report.clock))
    yield ""
    sent, rate = report.effort.requests, report.effort.per_minute
    yield from _wrapped(
        f"This took {sent} requests, at most {rate} a minute (spec.figgo.requestsPerMinute).", ""
    )


def _entities(entities: Sequence[Entity]) -> Iterator[str]:
    if not entities:
        yield from _wrapped("None. Give the role of the API key access to the establishments.")
        return
    header = ("ID", "NAME", "TIME ZONE", "CURRENT", "FORMER", "ABSENCES", "SERVED")
    yield from _table(header, ">~<>>><", map(_entity, entities))
    if any(not each.zone_known for each in entities):
        yield from _wrapped(
            "(?) The time zone is none of the IANA database: nobody there can be served. Correct "
            "it in Figgo's establishment settings."
        )


def _entity(entity: Entity) -> tuple[str, ...]:
    zone = _short(clean_title(entity.time_zone or "-"), _LONGEST_ZONE)
    return (
        str(entity.id),
        clean_title(entity.name) or "-",
        zone if entity.zone_known else f"{zone} (?)",
        str(entity.current),
        str(entity.former),
        "-" if entity.absences is None else str(entity.absences),
        ("yes" if entity.served else "no") + ("; archived" if entity.archived else ""),
    )


def _people(people: People) -> Iterator[str]:
    yield from _wrapped(
        f"{people.current} current and {people.former} former; this tenant serves {people.served} "
        "of the current ones."
    )
    if people.homeless:
        yield from _wrapped(
            f"Without a legal entity in Figgo, so that they cannot be served: {people.homeless}."
        )
    if people.unknown:
        ids = ", ".join(map(str, people.unknown))
        yield from _wrapped(f"In spec.employees, and not to be seen in Figgo: {ids}.")


def _addresses(addresses: Sequence[Addresses]) -> Iterator[str]:
    yield from _wrapped("Mailbox addresses of the current employees of the legal entities served:")
    header = ("FIELD", "USABLE", "MISSING", "SHARED", "DOMAIN NOT ALLOWED", "")
    yield from _table(header, "<>>>><", map(_address, addresses))


def _address(addresses: Addresses) -> tuple[str, ...]:
    return (
        addresses.source.value,
        str(addresses.usable),
        str(addresses.missing),
        str(addresses.shared),
        str(addresses.not_allowed),
        "spec.mailbox.attribute" if addresses.chosen else "",
    )


def _absences(absences: Absences) -> Iterator[str]:
    if not absences.half_days:
        yield from _wrapped("None are listed, so no absence type is known either.")
        return
    yield from _wrapped(
        f"{absences.absences} stand; {absences.half_days} half-days are listed, cancelled ones too."
    )
    yield from _table(("ID", "TYPE", "ABSENCES", ""), ">~><", map(_type, absences.types))
    if any(each.id is None for each in absences.types):
        yield from _wrapped(
            "(?) Figgo does not say of which type: the role of the API key lacks the right 'Show "
            "details of leaves'."
        )


def _type(kind: AbsenceType) -> tuple[str, ...]:
    return (
        "(?)" if kind.id is None else str(kind.id),
        clean_title(kind.name or "") or "-",
        str(kind.absences),
        "remote work" if kind.remote_work else "",
    )


def _pending(absences: Absences) -> str:
    if absences.pending:
        return f"listed: {absences.pending} of {absences.half_days} half-days wait for approval"
    return f"not known: none among {absences.half_days} half-days waits for approval"


def _field(answer: SinceAnswer) -> str:
    users = " (users)" if answer.field == MODIFIED else ""
    return f"since {answer.field}{users}"


def _since(answer: SinceAnswer) -> str:
    match answer.accepted:
        case True:
            return "accepted"
        case False:
            return f"refused (HTTP {answer.status}): changes are found by reading everything"
        case None:
            return f"not known: {answer.trouble}"
        case _:
            assert_never(answer.accepted)


def _clock(clock: ClockReading) -> str:
    match clock.zone:
        case StampZone.WITH_OFFSET:
            return "with an offset"
        case StampZone.UTC:
            return f"without an offset, UTC: none of {clock.lately} in the last hour is ahead of it"
        case StampZone.LOCAL:
            return f"without an offset, local time: {_ahead(clock.hours_ahead or 0)}"
        case StampZone.UNKNOWN:
            return (
                f"not known: it takes {ENOUGH} bookings within the last hour to tell, and"
                f" {clock.lately} were seen; ask again at a busier time"
            )
        case _:
            assert_never(clock.zone)


def _ahead(hours: int) -> str:
    told = f"about {hours} hour{'' if hours == 1 else 's'} ahead of UTC"
    if timedelta(hours=hours) <= CLOCK_TOLERANCE:
        return told
    return f"{told}, more than the sync allows for. Report it with the version of the operator"


def _term(term: str, says: str) -> Iterator[str]:
    head = f"{_INDENT}{term:<{_TERM}}{_INDENT}"
    yield from textwrap.wrap(
        says, WIDTH, initial_indent=head, subsequent_indent=" " * len(head), break_long_words=True
    )


def _wrapped(sentence: str, indent: str = _INDENT) -> list[str]:
    return textwrap.wrap(sentence, WIDTH, initial_indent=indent, subsequent_indent=indent)


def _table(
    header: tuple[str, ...], alignment: str, rows: Iterable[tuple[str, ...]]
) -> Iterator[str]:
    """Yield aligned lines; the column whose alignment is `~` gives way where they get too long."""
    lines = [header, *rows]
    widths = [max(map(_columns, cells)) for cells in zip(*lines, strict=True)]
    if "~" in alignment:
        spare = WIDTH - len(_INDENT) - sum(widths) - len(_GAP) * (len(widths) - 1)
        widths[alignment.index("~")] += min(spare, 0)
    for line in lines:
        cells = map(_aligned, line, widths, alignment)
        yield (_INDENT + _GAP.join(cells)).rstrip()


def _aligned(text: str, width: int, side: str) -> str:
    fitting = _short(text, width)
    blank = " " * (width - _columns(fitting))
    return blank + fitting if side == ">" else fitting + blank


def _short(line: str, most: int) -> str:
    if _columns(line) <= most:
        return line
    kept = line
    while _columns(kept) >= most:
        kept = kept[:-1]
    return kept + "…"


def _columns(text: str) -> int:
    """Count what a terminal needs: East Asian characters take two columns, marks none."""
    return sum(
        2 if unicodedata.east_asian_width(char) in "WF" else unicodedata.combining(char) == 0
        for char in text
    )
