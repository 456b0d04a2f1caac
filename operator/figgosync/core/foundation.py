"""A digest of what work rests on, by which another process sees that it rests on something else."""

from dataclasses import fields, is_dataclass
from datetime import date, datetime, time
from enum import Enum
from hashlib import sha256
from typing import assert_never

from figgosync.core.initialisation import Phase
from figgosync.core.tenant import TenantSpec


def foundation_of(spec: TenantSpec, phase: Phase) -> str:
    """Return 64 digits that change with whatever makes the work of a phase worthless.

    What was written stays right until the calendars are on another server. What was foreseen was
    so of certain people, and of one way to draw them: of two together it would be right of neither.
    """
    match phase:
        case Phase.RUNNING:
            rests_on: object = spec.exchange.server_url
        case Phase.PLANNING:
            rests_on = (spec.exchange.server_url, drawn(spec))
        case _:
            assert_never(phase)
    return sha256(_text(rests_on).encode()).hexdigest()


def drawn(spec: TenantSpec) -> tuple[object, ...]:
    """Return all that decides whose absences are drawn, and how."""
    return spec.legal_entities, spec.employees, spec.mailbox, spec.active_since, spec.events


def _text(value: object) -> str:
    """Write a value as every process writes it, whatever order its sets have.

    Raises TypeError for what is not known to be written so.
    """
    if isinstance(value, frozenset):
        return f"{{{','.join(sorted(map(_text, value)))}}}"
    if isinstance(value, tuple):
        return f"({','.join(map(_text, value))})"
    if is_dataclass(value):
        return _text(tuple(getattr(value, field.name) for field in fields(value)))
    if isinstance(value, Enum):
        return repr(value.value)
    if value is None or isinstance(value, str | int | date | datetime | time):
        return repr(value)
    message = f"a {type(value).__name__} cannot be written the same way everywhere"
    raise TypeError(message)
