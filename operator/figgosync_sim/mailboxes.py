"""The company's mailboxes: what Exchange keeps, whatever protocol asks for it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Unpack
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from figgosync_sim.items import FreeBusy, Item, ItemFields, NamedProperty, Sensitivity
from figgosync_sim.outlook import Appointment, as_outlook_shows

__all__ = [
    "FreeBusy",
    "Item",
    "ItemFields",
    "Mailbox",
    "MailboxState",
    "MailboxStore",
    "NamedProperty",
    "Sensitivity",
]


def _this_instant() -> datetime:
    return datetime.now(UTC)


class MailboxState(StrEnum):
    """What stands between a caller and a mailbox."""

    ACTIVE = "Active"
    MOVED_TO_CLOUD = "MovedToCloud"
    DISABLED = "Disabled"
    FULL = "Full"
    MOVING = "Moving"
    READ_ONLY = "ReadOnly"
    ACCESS_DENIED = "AccessDenied"


@dataclass(slots=True)
class Mailbox:
    """One person's mailbox. `address` is the primary SMTP address; `time_zone` (IANA) Outlook's.

    `notifications` counts the mails that its owner's meetings sent to anybody.
    """

    address: str
    display_name: str
    time_zone: str
    aliases: frozenset[str] = frozenset()
    user_principal_name: str = ""
    state: MailboxState = MailboxState.ACTIVE
    notifications: int = 0
    guid: str = ""
    stored: dict[str, Item] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Default the logon name, which in most companies is the mail address."""
        self.user_principal_name = self.user_principal_name or self.address
        self.guid = str(uuid5(NAMESPACE_URL, self.address.lower()))


class MailboxStore:
    """All mailboxes of one organisation. Addresses have no case.

    Synchronous and for one event loop: no call is interrupted by another. `now` is the store's own
    clock, an aware one, which tells when items are made.
    """

    def __init__(self, now: Callable[[], datetime] = _this_instant) -> None:
        self._mailboxes: dict[str, Mailbox] = {}
        self._serial = 0
        self._now = now

    # What the administrator does.

    def add(
        self,
        address: str,
        time_zone: str = "Europe/Paris",
        display_name: str = "",
        *,
        aliases: tuple[str, ...] = (),
        user_principal_name: str = "",
    ) -> Mailbox:
        """Create a mailbox. ValueError when the address is taken, ZoneInfoNotFoundError."""
        ZoneInfo(time_zone)
        taken = [name for name in (address, *aliases) if self.find(name) or self.by_alias(name)]
        if taken:
            raise ValueError(f"taken: {taken}")
        mailbox = Mailbox(
            address,
            display_name or address.partition("@")[0],
            time_zone,
            frozenset(alias.lower() for alias in aliases),
            user_principal_name,
        )
        self._mailboxes[address.lower()] = mailbox
        return mailbox

    def remove(self, address: str) -> None:
        """Take the mailbox away with all that is in it; KeyError when there is none."""
        del self._mailboxes[address.lower()]

    def set_state(self, address: str, state: MailboxState) -> None:
        """Put something between callers and the mailbox, or take it away."""
        self.mailbox(address).state = state

    # What protocols ask.

    def find(self, address: str) -> Mailbox | None:
        """Return the mailbox with this primary address."""
        return self._mailboxes.get(address.lower())

    def by_alias(self, address: str) -> Mailbox | None:
        """Return the mailbox that has the address as one of its others."""
        wanted = address.lower()
        return next((box for box in self._mailboxes.values() if wanted in box.aliases), None)

    def by_principal(self, name: str) -> Mailbox | None:
        """Return the mailbox whose owner logs on with this name."""
        wanted = name.lower()
        return next(
            (box for box in self if box.user_principal_name.lower() == wanted),
            None,
        )

    def __iter__(self) -> Iterator[Mailbox]:
        """Walk over the mailboxes in the order of their creation."""
        return iter(tuple(self._mailboxes.values()))

    def mailbox(self, address: str) -> Mailbox:
        """Return the mailbox with this primary address; KeyError when there is none."""
        return self._mailboxes[address.lower()]

    def insert(self, mailbox: Mailbox, item: Item) -> Item:
        """Store a new item under a new id and version, made now unless it says otherwise.

        Verified [MS-OXCMSG]: PidTagCreationTime is the store's own word; whole seconds are assumed.
        """
        self._serial += 1
        stored = replace(
            item,
            id=f"{mailbox.guid}/{self._serial}",
            version=self._serial,
            created_at=(item.created_at or self._now()).replace(microsecond=0),
        )
        mailbox.stored[stored.id] = stored
        return stored

    def put(self, mailbox: Mailbox, item: Item) -> Item:
        """Replace a stored item under a new version; KeyError when it is gone."""
        if item.id not in mailbox.stored:
            raise KeyError(item.id)
        self._serial += 1
        mailbox.stored[item.id] = stored = replace(item, version=self._serial)
        return stored

    def take(self, mailbox: Mailbox, item_id: str) -> None:
        """Delete a stored item; KeyError when it is gone."""
        del mailbox.stored[item_id]

    # What people do in Outlook, and what they see.

    def items(self, address: str) -> list[Item]:
        """Return all items, oldest first."""
        return list(self.mailbox(address).stored.values())

    def add_item(
        self, address: str, *, copy_of: Item | None = None, **fields: Unpack[ItemFields]
    ) -> Item:
        """Add an item as its owner would: from nothing, or by copy and paste.

        `fields` are those of `Item`; `start` and `end` may have any zone. A copy takes all along,
        named properties included, under an id of its own (assumed of Outlook, observed by many),
        but is made now and by her (assumed).
        """
        mailbox = self.mailbox(address)
        fields.setdefault("creator", mailbox.display_name)
        if copy_of is not None:
            return self.insert(
                mailbox, replace(replace(copy_of, created_at=None), **_in_utc(fields))
            )
        fields.setdefault("time_zone", mailbox.time_zone)
        fields.setdefault("end_time_zone", mailbox.time_zone)
        return self.insert(mailbox, Item(id="", version=0, **_in_utc(fields)))

    def edit(self, address: str, item_id: str, **fields: Unpack[ItemFields]) -> Item:
        """Change an item as its owner would; KeyError when it is gone."""
        mailbox = self.mailbox(address)
        return self.put(mailbox, replace(mailbox.stored[item_id], **_in_utc(fields)))

    def delete(self, address: str, item_id: str) -> None:
        """Delete an item as its owner would; KeyError when it is gone."""
        self.take(self.mailbox(address), item_id)

    def notifications(self, address: str | None = None) -> int:
        """Return how many mails meetings have sent, of one mailbox or of all."""
        boxes = self if address is None else (self.mailbox(address),)
        return sum(box.notifications for box in boxes)

    def outlook_view(self, address: str) -> list[Appointment]:
        """Return what the owner sees in Outlook, in order of time."""
        mailbox = self.mailbox(address)
        zone = ZoneInfo(mailbox.time_zone)
        drawn = (as_outlook_shows(item, zone) for item in mailbox.stored.values())
        return sorted(drawn, key=_place_on_the_page)


def _place_on_the_page(entry: Appointment) -> tuple[date, bool, time, date, str]:
    """All-day entries stand above those with hours."""
    starts = entry.starts or time.min
    return entry.first, entry.starts is not None, starts, entry.last, entry.subject


def _in_utc(fields: ItemFields) -> ItemFields:
    """Bring the times among an item's fields to UTC; ValueError for one without a zone."""
    moved = fields.copy()
    if "start" in fields:
        moved["start"] = _utc(fields["start"])
    if "end" in fields:
        moved["end"] = _utc(fields["end"])
    if "created_at" in fields:
        moved["created_at"] = _utc(fields["created_at"])
    return moved


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment.astimezone(UTC)
