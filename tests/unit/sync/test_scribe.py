"""The statuses of initialisations, and an API server that does not take them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from figgosync.core.conditions import Condition, ConditionType, Status
from figgosync.core.initialisation import InitialisationName, Progress
from figgosync.core.tenant import TenantName
from figgosync.errors import ConflictError, Reason, SyncError, TransientError
from figgosync.kube.initialisation_status import InitialisationStatus
from figgosync.kube.initialisations import Initialisation, parse_initialisation
from figgosync.metrics import Metrics
from figgosync.sync.initialisation.scribe import Scribe
from support.initialisations import a_stored_initialisation
from support.memory_cluster import MemoryRecorder
from syncing import NOW, Clock

SILENT = TransientError(
    Reason.UNREACHABLE, "It fell silent.", tenant_wide=True, retry_after=timedelta(seconds=5)
)
CONFLICT = ConflictError(Reason.CONFLICT, "Somebody else was faster.", tenant_wide=True)
QUEUED = InitialisationStatus(
    conditions=(
        Condition(ConditionType.SUCCEEDED, Status.UNKNOWN, Reason.QUEUED, "It waits.", 1, NOW),
    )
)


class SlowServer:
    """Fails only after ten seconds, if it does, and counts how often it was asked to write."""

    def __init__(self, clock: Clock, error: SyncError | None = None) -> None:
        self._clock, self._error = clock, error
        self.asked: list[str] = []

    async def apply_initialisation_status(
        self, name: InitialisationName, resource_version: str, status: Mapping[str, Any]
    ) -> str | None:
        del resource_version, status
        self.asked.append(name.name)
        if self._error is None:
            return "4712"
        self._clock.leap(seconds=10)
        raise self._error

    async def get_initialisation(self, name: InitialisationName) -> Mapping[str, Any] | None:
        return a_stored_initialisation(name=name.name, uid=name.name)

    async def own_initialisation(
        self, name: InitialisationName, uid: str, tenant: TenantName, tenant_uid: str
    ) -> None:
        raise NotImplementedError

    async def delete_initialisation(self, name: InitialisationName, uid: str) -> None:
        raise NotImplementedError


def subject(name: str) -> Initialisation:
    return parse_initialisation(a_stored_initialisation(name=name, uid=name))


async def write(scribe: Scribe, clock: Clock, *names: str) -> None:
    """Take the turn of a tenant, which knows but one time of day."""
    now = clock()
    for name in names:
        assert not await scribe.write(subject(name), QUEUED, now)


async def test_a_silent_api_server_is_asked_once_for_all_and_left_alone_from_then_on() -> None:
    """Each call keeps the tenant's live changes waiting."""
    clock = Clock()
    server = SlowServer(clock, SILENT)
    scribe = Scribe(server, MemoryRecorder(), Metrics("1", "default"), clock)
    await write(scribe, clock, "one", "two", "three")
    assert server.asked == ["one"]
    await write(scribe, clock, "one", "two", "three")
    assert server.asked == ["one"], "the pause begins at the end of the call"
    assert scribe.due(subject("two")) == clock() + timedelta(seconds=5)
    clock.leap(seconds=5)
    await write(scribe, clock, "one", "two", "three")
    assert server.asked == ["one", "one"]


async def test_one_that_is_always_in_conflict_keeps_no_other_from_being_written() -> None:
    clock = Clock()
    server = SlowServer(clock, CONFLICT)
    scribe = Scribe(server, MemoryRecorder(), Metrics("1", "default"), clock)
    await write(scribe, clock, "one", "two")
    assert server.asked == ["one", "one", "two", "two"]


async def test_a_clock_that_is_set_back_stops_no_counts() -> None:
    clock = Clock()
    scribe = Scribe(SlowServer(clock), MemoryRecorder(), Metrics("1", "default"), clock)
    assert await scribe.write(subject("one"), QUEUED, clock())
    counted = replace(QUEUED, progress=Progress(10))
    assert not await scribe.write(subject("one"), counted, clock.leap(seconds=1))
    assert await scribe.write(subject("one"), counted, clock.leap(hours=-1))
