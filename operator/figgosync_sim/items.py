"""One calendar item as a mailbox keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypedDict


class FreeBusy(StrEnum):
    """What colleagues see the time as; the values are the words of EWS."""

    FREE = "Free"
    TENTATIVE = "Tentative"
    BUSY = "Busy"
    OUT_OF_OFFICE = "OOF"
    WORKING_ELSEWHERE = "WorkingElsewhere"
    NO_DATA = "NoData"


class Sensitivity(StrEnum):
    """Who may read an item; Private is the lock that Outlook shows."""

    NORMAL = "Normal"
    PERSONAL = "Personal"
    PRIVATE = "Private"
    CONFIDENTIAL = "Confidential"


@dataclass(frozen=True, slots=True, order=True)
class NamedProperty:
    """The name of a custom MAPI property of type String.

    Verified [Graph's page on extended properties]: the name is case-sensitive; a GUID has no case.
    """

    set_id: str
    name: str

    @classmethod
    def of(cls, set_id: str, name: str) -> "NamedProperty":
        """Return the property's one spelling."""
        return cls(set_id.strip("{}").lower(), name)


@dataclass(frozen=True, slots=True)
class Item:
    """One calendar item as the store has it. `start` and `end` are UTC, the end excluded.

    `version` changes with each change and is what a change key or an etag is made of. The zones
    (IANA) are those in which the item was made; they move nothing. `creator` is the display name
    of whoever made it; `created_at` is None until it is stored. `is_series` makes it the master of
    a recurring one.
    """

    id: str
    version: int
    start: datetime
    end: datetime
    subject: str = ""
    is_all_day: bool = False
    time_zone: str = "UTC"
    end_time_zone: str = "UTC"
    free_busy: FreeBusy = FreeBusy.BUSY
    sensitivity: Sensitivity = Sensitivity.NORMAL
    importance: str = "Normal"
    reminder_is_set: bool = False
    reminder_minutes: int = 15
    categories: tuple[str, ...] = ()
    body: str = ""
    body_type: str = "Text"
    location: str = ""
    attendees: tuple[str, ...] = ()
    properties: Mapping[NamedProperty, str] = field(default_factory=dict)
    item_class: str = "IPM.Appointment"
    is_series: bool = False
    response_requested: bool = True
    creator: str = ""
    created_at: datetime | None = None


class ItemFields(TypedDict, total=False):
    """The fields of an `Item` that its owner may choose."""

    start: datetime
    end: datetime
    subject: str
    is_all_day: bool
    time_zone: str
    end_time_zone: str
    free_busy: FreeBusy
    sensitivity: Sensitivity
    importance: str
    reminder_is_set: bool
    reminder_minutes: int
    categories: tuple[str, ...]
    body: str
    body_type: str
    location: str
    attendees: tuple[str, ...]
    properties: Mapping[NamedProperty, str]
    item_class: str
    is_series: bool
    response_requested: bool
    creator: str
    created_at: datetime
