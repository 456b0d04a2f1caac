"""The acts upon a simulated Exchange that another process may order by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, cast

from figgosync_sim.control import FAULT_KINDS, Verb, fault_verbs
from figgosync_sim.ews.accounts import AccountState
from figgosync_sim.ews.misbehaviour import Refuse, busy, redirect_to_owa
from figgosync_sim.furnishing import Moment, furnish_by_hand, furnish_foreign
from figgosync_sim.mailboxes import FreeBusy, Item, ItemFields, MailboxState, Sensitivity

if TYPE_CHECKING:
    from figgosync_sim.ews.simulator import ExchangeSimulator


def ews_verbs(simulator: ExchangeSimulator) -> Mapping[str, Verb]:
    """Return the verbs: looks at the calendars, acts of users and administrators, faults.

    `furnish_foreign` and `furnish_by_hand` take `begins` and `ends` as days, the last one included,
    or as instants.
    `order_fault` takes `kind`, the fields of that fault, and `operation`, `mailbox`, `times`.
    """
    return {
        **_looks(simulator),
        **_acts_of_users(simulator),
        **_acts_of_administrators(simulator),
        **fault_verbs(simulator.faults),
        "order_fault": _ordering(simulator),
    }


def _ordering(simulator: ExchangeSimulator) -> Verb:
    kinds = {**FAULT_KINDS, "refuse": Refuse, "busy": busy, "redirect_to_owa": redirect_to_owa}

    def order_fault(
        kind: str,
        operation: str | None = None,
        mailbox: str | None = None,
        times: int = 1,
        **fields: object,
    ) -> None:
        if kind not in kinds:
            raise TypeError(f"a fault is one of {', '.join(sorted(kinds))}")
        fault = kinds[kind](**fields)
        simulator.order(fault, operation=operation, mailbox=mailbox, times=times)

    return order_fault


def _looks(simulator: ExchangeSimulator) -> Mapping[str, Verb]:
    def mailboxes() -> list[dict[str, object]]:
        return [
            {
                "address": box.address,
                "name": box.display_name,
                "timeZone": box.time_zone,
                "state": box.state,
                "items": len(box.stored),
            }
            for box in simulator.store
        ]

    def calendar(address: str) -> list[dict[str, object]]:
        return [
            {
                "first": entry.first.isoformat(),
                "last": entry.last.isoformat(),
                "starts": entry.starts and entry.starts.isoformat(timespec="minutes"),
                "ends": entry.ends and entry.ends.isoformat(timespec="minutes"),
                "subject": entry.subject,
                "status": entry.status,
                "private": entry.private,
            }
            for entry in simulator.store.outlook_view(address)
        ]

    def items(address: str) -> list[dict[str, object]]:
        return [_described(item) for item in simulator.store.items(address)]

    def counts() -> dict[str, object]:
        return {
            "operations": dict(Counter(simulator.log.operations())),
            "outcomes": dict(Counter(call.outcome for call in simulator.log.calls)),
            "notifications": simulator.store.notifications(),
            "logins": len(simulator.accounts.attempts),
            "failedLogins": simulator.accounts.failures(),
        }

    return {"mailboxes": mailboxes, "calendar": calendar, "items": items, "counts": counts}


def _acts_of_users(simulator: ExchangeSimulator) -> Mapping[str, Verb]:
    store = simulator.store

    def add_item(address: str, begins: str, ends: str, **more: object) -> dict[str, object]:
        fields = _fields({"begins": begins, "ends": ends, **more})
        return _described(store.add_item(address, **fields))

    def copy_item(address: str, item: str, **changes: object) -> dict[str, object]:
        original = store.mailbox(address).stored[item]
        return _described(store.add_item(address, copy_of=original, **_fields(changes)))

    def edit_item(address: str, item: str, **changes: object) -> dict[str, object]:
        return _described(store.edit(address, item, **_fields(changes)))

    def delete_item(address: str, item: str) -> None:
        store.delete(address, item)

    def furnish(how: Callable[..., Item]) -> Verb:
        def act(
            address: str, title: str, begins: str, ends: str | None = None, **more: object
        ) -> dict[str, object]:
            when = (_day_or_instant(begins), ends and _day_or_instant(ends))
            return _described(how(store, address, title, *when, **_fields(more)))

        act.__name__ = how.__name__
        return act

    acts: tuple[Verb, ...] = (
        *(add_item, copy_item, edit_item, delete_item),
        *(furnish(furnish_foreign), furnish(furnish_by_hand)),
    )
    return {act.__name__: act for act in acts}


def _acts_of_administrators(simulator: ExchangeSimulator) -> Mapping[str, Verb]:
    def add_mailbox(address: str, zone: str = "Europe/Paris", name: str = "") -> None:
        simulator.store.add(address, zone, name)

    def remove_mailbox(address: str) -> None:
        simulator.store.remove(address)

    def set_mailbox_state(address: str, state: str) -> None:
        simulator.store.set_state(address, MailboxState(state))

    def set_password(login: str, password: str) -> None:
        simulator.accounts.set_password(login, password)

    def set_account_state(login: str, state: str) -> None:
        simulator.accounts.set_state(login, AccountState(state))

    def set_scope(only: list[str] | None = None) -> None:
        if only is None:
            simulator.scope.everybody()
        else:
            simulator.scope.only(only)

    acts: tuple[Verb, ...] = (
        *(add_mailbox, remove_mailbox, set_mailbox_state, set_password, set_account_state),
        *(set_scope, simulator.drop_connections),
    )
    return {act.__name__: act for act in acts}


def _described(item: Item) -> dict[str, object]:
    return {
        "item": item.id,
        "begins": item.start.isoformat(),
        "ends": item.end.isoformat(),
        "subject": item.subject,
        "isAllDay": item.is_all_day,
        "freeBusy": item.free_busy,
        "sensitivity": item.sensitivity,
        "body": item.body,
        "categories": list(item.categories),
        "properties": {name.name: value for name, value in item.properties.items()},
        "creator": item.creator,
        "createdAt": item.created_at and item.created_at.isoformat(),
    }


def _day_or_instant(text: str) -> Moment:
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


_READERS: Mapping[str, tuple[str, type, Callable[[Any], object]]] = {
    "begins": ("start", str, datetime.fromisoformat),
    "ends": ("end", str, datetime.fromisoformat),
    "createdAt": ("created_at", str, datetime.fromisoformat),
    "creator": ("creator", str, str),
    "subject": ("subject", str, str),
    "body": ("body", str, str),
    "isAllDay": ("is_all_day", bool, bool),
    "freeBusy": ("free_busy", str, FreeBusy),
    "sensitivity": ("sensitivity", str, Sensitivity),
    "reminderIsSet": ("reminder_is_set", bool, bool),
    "categories": ("categories", list, lambda texts: tuple(str(text) for text in texts)),
}
"""A field's name in JSON: its name in an `Item`, what JSON must hold, and how that is read."""


def _fields(given: Mapping[str, object]) -> ItemFields:
    """Read an item's fields from JSON, times in ISO 8601 with an offset.

    TypeError for a field that is not one of those here.
    """
    fields: dict[str, object] = {}
    for name, value in given.items():
        if name not in _READERS or not isinstance(value, _READERS[name][1]):
            raise TypeError(f"no such field of an item: {name}")
        field, _, read = _READERS[name]
        fields[field] = read(value)
    return cast("ItemFields", fields)
