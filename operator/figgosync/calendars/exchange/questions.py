"""What Exchange is asked to find look-alikes by, so that it keeps all other events to itself."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, cast

from exchangelib import CalendarItem
from exchangelib.fields import Field
from exchangelib.util import create_element

from figgosync.calendars.exchange.items import MARKER_FIELD, START_FIELD, fault_of
from figgosync.core.event import AllDay, Event, Timed

if TYPE_CHECKING:
    from lxml.etree import _Element

MOST_TITLES = 50
"""In one question. Each is four nodes of a restriction, the rest of it are 13, and more than 255
are refused with ErrorRestrictionTooLong [verified: Microsoft's ResponseCode page]."""

SUBJECT_FIELD = CalendarItem.get_field_by_fieldname("subject")
END_FIELD = CalendarItem.get_field_by_fieldname("end")

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Question:
    """Asks for all events without our property that have one of the titles and touch the span.

    The server compares titles without case (assumed: verified for Graph, which asks the same
    store), and knows nothing of which title belongs to which time: whoever asks compares again.
    """

    titles: Sequence[str]
    span: Span

    def to_xml(self, version: object) -> "_Element":
        """Write the Restriction element of a FindItem."""
        del version
        since, until = self.span
        exists = _node("Exists", MARKER_FIELD.field_uri_xml())
        named = [_compared("IsEqualTo", SUBJECT_FIELD, title) for title in self.titles]
        every = _node(
            "And",
            _node("Not", exists),
            named[0] if len(named) == 1 else _node("Or", *named),
            _compared("IsLessThan", START_FIELD, _written(until)),
            _compared("IsGreaterThan", END_FIELD, _written(since)),
        )
        restriction = create_element("m:Restriction")
        restriction.append(every)
        return cast("_Element", restriction)


def questions_for(events: Iterable[Event]) -> Iterator[Question]:
    """Return what to ask for look-alikes of these events: one question, unless titles are many.

    An event that Exchange cannot hold has no look-alike there.
    """
    spans: dict[str, list[Span]] = defaultdict(list)
    for event in events:
        if fault_of(event) is None:
            spans[event.title].append(_span(event.when))
    ordered = sorted(spans)
    for place in range(0, len(ordered), MOST_TITLES):
        titles = ordered[place : place + MOST_TITLES]
        touched = [span for title in titles for span in spans[title]]
        starts, ends = zip(*touched, strict=True)
        yield Question(titles, (min(starts), max(ends)))


def _span(when: AllDay | Timed) -> Span:
    """Return instants between which the event lies, wherever on earth its days are."""
    match when:
        case Timed(start, end):
            return start, end
        case AllDay(first, last):
            return _midnight(first - timedelta(days=1)), _midnight(last + timedelta(days=2))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _compared(how: str, field: Field, value: str) -> "_Element":
    constant = create_element("t:Constant", attrs={"Value": value})
    return _node(how, field.field_uri_xml(), _node("FieldURIOrConstant", constant))


def _node(name: str, *children: "_Element") -> "_Element":
    node = create_element(f"t:{name}")
    node.extend(children)
    return cast("_Element", node)
