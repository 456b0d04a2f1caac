"""One writer, who writes what is news and nothing else."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from figgosync.core.conditions import Condition, ConditionType, Status
from figgosync.errors import Reason, TransientError
from figgosync.kube.events import EventType
from figgosync.kube.resources import Tenant, parse_tenant
from figgosync.kube.status import EmployeeCounts, TenantStatus
from figgosync.sync.publisher import BREATH, HEARTBEAT, Publisher, write_status
from support.memory_cluster import MemoryCluster, MemoryRecorder
from support.tenants import a_tenant
from syncing import NOW

MOMENT = timedelta(milliseconds=100)


def condition(
    kind: ConditionType = ConditionType.CALENDAR_READY,
    status: Status = Status.TRUE,
    reason: Reason = Reason.CONNECTED,
    message: str = "All is well.",
) -> Condition:
    return Condition(kind, status, reason, message, 1, NOW)


def a_status(*conditions: Condition, in_sync: int = 0, watermark: datetime = NOW) -> TenantStatus:
    return TenantStatus(
        observed_generation=1,
        conditions=conditions or (condition(),),
        last_sync_time=watermark,
        watermark=watermark,
        employees=EmployeeCounts(3, in_sync, 0),
    )


class Desk:
    """A publisher and its tenant in a cluster."""

    def __init__(self) -> None:
        self.cluster = MemoryCluster()
        self.recorder = MemoryRecorder()
        self.cluster.create(a_tenant())
        self.publisher = Publisher(self.cluster, self.recorder)
        self.tenant = self.stored()

    def stored(self) -> Tenant:
        return parse_tenant(self.cluster.body())

    async def publish(self, status: TenantStatus, at: timedelta = timedelta(0)) -> int:
        """Return how many writes it took."""
        before = len(self.cluster.status_writes)
        self.tenant = await self.publisher.publish(self.tenant, status, NOW + at)
        return len(self.cluster.status_writes) - before


@pytest.fixture
async def desk() -> Desk:
    return Desk()


async def test_the_first_status_is_written_at_once(desk: Desk) -> None:
    assert await desk.publish(a_status()) == 1
    assert desk.stored().status == a_status()


async def test_what_stands_already_is_not_written(desk: Desk) -> None:
    """After a restart nothing may have changed."""
    await desk.publish(a_status())
    desk.publisher = Publisher(desk.cluster, desk.recorder)
    desk.tenant = desk.stored()
    assert await desk.publish(a_status()) == 0


async def test_a_turn_that_changed_nothing_writes_nothing(desk: Desk) -> None:
    await desk.publish(a_status())
    for second in range(100):
        assert await desk.publish(a_status(), timedelta(seconds=second)) == 0
    assert desk.publisher.due is None


async def test_a_watermark_alone_waits_for_the_heartbeat(desk: Desk) -> None:
    await desk.publish(a_status())
    later = a_status(watermark=NOW + timedelta(minutes=9))
    assert await desk.publish(later, HEARTBEAT - MOMENT) == 0
    assert await desk.publish(later, HEARTBEAT) == 1


async def test_counts_of_a_burst_are_written_every_few_seconds(desk: Desk) -> None:
    await desk.publish(a_status())
    writes = [await desk.publish(a_status(in_sync=n), n * MOMENT) for n in range(1, 41)]
    assert sum(writes) == 2


async def test_a_change_that_waits_says_when_its_turn_is(desk: Desk) -> None:
    await desk.publish(a_status())
    assert await desk.publish(a_status(in_sync=1), MOMENT) == 0
    assert desk.publisher.due == NOW + BREATH
    assert await desk.publish(a_status(in_sync=1), BREATH) == 1
    assert desk.publisher.due is None


async def test_a_condition_that_turns_never_waits(desk: Desk) -> None:
    await desk.publish(a_status())
    broken = a_status(condition(status=Status.FALSE, reason=Reason.CREDENTIALS_REFUSED))
    assert await desk.publish(broken, MOMENT) == 1


async def test_a_changed_sentence_waits_a_breath(desk: Desk) -> None:
    await desk.publish(a_status())
    said = a_status(condition(message="All is still well."))
    assert await desk.publish(said, MOMENT) == 0
    assert await desk.publish(said, BREATH) == 1


async def test_a_spec_that_changed_meanwhile_does_not_keep_the_status_out(desk: Desk) -> None:
    desk.cluster.edit({"events.title": "Away"})
    assert await desk.publish(a_status()) == 1
    assert desk.tenant.resource_version == desk.stored().resource_version


async def test_a_namesake_is_not_written_to(desk: Desk) -> None:
    desk.cluster.delete()
    desk.cluster.create(a_tenant())
    assert await desk.publish(a_status()) == 0


async def test_an_object_that_is_gone_is_no_error(desk: Desk) -> None:
    desk.cluster.delete()
    assert await desk.publish(a_status()) == 0
    assert await write_status(desk.cluster, desk.tenant, a_status()) is None


async def test_trouble_is_raised_and_nothing_counts_as_written(desk: Desk) -> None:
    desk.cluster.status_trouble = TransientError(Reason.UNREACHABLE, "Away.")
    with pytest.raises(TransientError):
        await desk.publish(a_status())
    desk.cluster.status_trouble = None
    assert await desk.publish(a_status(), MOMENT) == 1


async def test_a_wiped_status_is_written_again(desk: Desk) -> None:
    await desk.publish(a_status())
    desk.cluster.wipe_status()
    desk.tenant = desk.stored()
    desk.publisher.saw(desk.tenant)
    assert await desk.publish(a_status(), MOMENT) == 1
    assert desk.stored().status == a_status()


async def test_our_own_writes_are_known_when_they_come_back_late(desk: Desk) -> None:
    """The watch is slower than the next write may be."""
    await desk.publish(a_status())
    first = desk.stored()
    broken = a_status(condition(status=Status.FALSE, reason=Reason.TLS_FAILED))
    await desk.publish(broken, MOMENT)
    desk.tenant = first
    desk.publisher.saw(first)
    told = desk.recorder.told()
    assert await desk.publish(broken, 2 * MOMENT) == 0
    assert desk.recorder.told() == told


async def test_a_change_of_the_spec_alone_is_no_change_of_the_status(desk: Desk) -> None:
    await desk.publish(a_status())
    desk.cluster.edit({"events.title": "Away"})
    desk.tenant = desk.stored()
    desk.publisher.saw(desk.tenant)
    assert await desk.publish(a_status(), MOMENT) == 0


async def test_an_event_is_recorded_when_a_condition_turns_and_only_then(desk: Desk) -> None:
    broken = condition(status=Status.FALSE, reason=Reason.CREDENTIALS_REFUSED, message="Write it.")
    await desk.publish(a_status())
    await desk.publish(a_status(broken), MOMENT)
    await desk.publish(a_status(replace(broken, message="Write it!")), 2 * BREATH)
    await desk.publish(a_status(), 3 * BREATH)
    assert desk.recorder.told() == [
        ("CalendarReady", "Connected"),
        ("CalendarReady", "CredentialsRefused"),
        ("CalendarReady", "Connected"),
    ]
    warning = desk.recorder.occurrences[1]
    assert (warning.type, warning.note) == (EventType.WARNING, "Write it.")
    assert warning.subject.uid == desk.tenant.uid


async def test_what_only_repeats_others_and_what_is_not_known_makes_no_event(desk: Desk) -> None:
    unknown = condition(ConditionType.FIGGO_READY, Status.UNKNOWN, Reason.PENDING)
    repeats = [
        condition(kind)
        for kind in (ConditionType.READY, ConditionType.RECONCILING, ConditionType.STALLED)
    ]
    await desk.publish(a_status(unknown, *repeats))
    assert desk.recorder.told() == []


async def test_blocked_deletions_are_a_warning(desk: Desk) -> None:
    blocked = condition(ConditionType.DELETIONS_BLOCKED, reason=Reason.DELETIONS_BLOCKED)
    await desk.publish(a_status(blocked))
    assert [each.type for each in desk.recorder.occurrences] == [EventType.WARNING]
