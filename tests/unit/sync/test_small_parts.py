"""Halts, refusals, activations, wishes and jobs: the small decisions of the sync."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from builders import OWNER, all_day, an_event, at
from contract.memory_calendar import MemoryConnection
from figgosync.core.absence import EmployeeID, LegalEntityID, PeriodID, Reading
from figgosync.core.claims import Overlap
from figgosync.core.conditions import ConditionType, Status
from figgosync.core.event import Event, EventKey
from figgosync.core.guard import Verdict
from figgosync.core.initialised import Initialised, Step
from figgosync.core.plan import Delete
from figgosync.core.tenant import TenantName
from figgosync.errors import PermanentError, Reason, TransientError
from figgosync.figgo.scope import Rest
from figgosync.kube.resources import parse_object
from figgosync.kube.status import Activation, CatchUp, TenantStatus
from figgosync.sync import activation
from figgosync.sync.access import CalendarAccess
from figgosync.sync.credentials import SecretWatch
from figgosync.sync.employee import Leave
from figgosync.sync.halt import halt_of
from figgosync.sync.jobs import Clear, Reconcile
from figgosync.sync.refusal import refused
from figgosync.sync.source import Wish
from figgosync.sync.wishes import pace_of, rate_of, scope_of
from support.memory_cluster import NAMESPACE, MemoryCluster
from support.tenants import a_stored_tenant
from syncing import NOW, Clock, a_place, a_reading_of, absent, tenant

ONE, TWO, FOUR = map(LegalEntityID, (1, 2, 4))
OLDER = TenantName("hr", "older")


# Halts.


def test_nothing_halts_an_ordinary_tenant() -> None:
    assert halt_of(tenant(), None) is None


def test_a_suspended_tenant_rests() -> None:
    halt = halt_of(tenant({"suspend": True}), None)
    assert halt is not None
    assert halt.reason is Reason.SUSPENDED


def test_a_suspended_tenant_that_goes_still_removes_its_events() -> None:
    assert (
        halt_of(tenant({"suspend": True}, deletionTimestamp="2026-11-24T09:00:00Z"), None) is None
    )


@pytest.mark.parametrize(
    ("entities", "named"), [(frozenset({FOUR, ONE}), "(1, 4)"), (None, "(all)")]
)
def test_a_tenant_in_the_way_is_named_with_what_it_serves(
    entities: frozenset[LegalEntityID] | None, named: str
) -> None:
    halt = halt_of(tenant({"suspend": True}), Overlap(OLDER, entities))
    assert halt is not None
    assert halt.reason is Reason.LEGAL_ENTITY_CLAIMED
    assert "hr/older" in halt.message
    assert named in halt.message


# Refused specs.


def test_a_refused_spec_is_told_and_nothing_is_forgotten() -> None:
    memory = TenantStatus(
        watermark=NOW,
        last_sync_time=NOW,
        activations=(Activation(NOW, frozenset({ONE})),),
        initialised=Initialised({ONE: (Step(NOW.date()),)}),
        catch_up=(CatchUp(NOW.date(), frozenset({EmployeeID(1207)})),),
        other_sync_seen=NOW,
    )
    found = parse_object(a_stored_tenant() | {"status": memory.to_body()})
    error = PermanentError(Reason.INVALID_SPEC, "The resource cannot be used.")
    status = refused(found, error, NOW)
    assert [(c.type, c.status, c.reason) for c in status.conditions] == [
        (ConditionType.READY, Status.FALSE, Reason.INVALID_SPEC),
        (ConditionType.STALLED, Status.TRUE, Reason.INVALID_SPEC),
    ]
    assert status.observed_generation == found.generation
    assert replace(status, observed_generation=-1, conditions=()) == memory


def test_a_refusal_that_was_told_is_told_alike_and_keeps_its_time() -> None:
    error = PermanentError(Reason.INVALID_SPEC, "The resource cannot be used.")
    found = parse_object(a_stored_tenant())
    first = refused(found, error, NOW)
    again = refused(replace(found, status=first), error, NOW + timedelta(hours=1))
    assert again == first


# Activations.


def test_new_entities_come_alive_now_and_the_others_stay() -> None:
    before = (Activation(at("2026-11-20 08:00"), frozenset({ONE})),)
    after = activation.extended(before, [ONE, TWO, FOUR], NOW.replace(microsecond=7))
    assert after == (*before, Activation(NOW, frozenset({TWO, FOUR})))
    assert activation.extended(after, [TWO], NOW + timedelta(days=1)) is after


def test_an_entity_that_left_keeps_its_moment() -> None:
    before = (Activation(at("2026-11-20 08:00"), frozenset({ONE})),)
    assert activation.extended(before, [], NOW) is before


def test_of_two_moments_the_earlier_counts() -> None:
    early, late = at("2026-11-20 08:00"), at("2026-11-21 08:00")
    for order in ((early, late), (late, early)):
        known = activation.known(Activation(moment, frozenset({ONE})) for moment in order)
        assert known == {ONE: early}


# What the tenants of one Figgo wish together.


def wish(
    *ids: LegalEntityID,
    names: bool = False,
    poll: int = 20,
    rate: int = 30,
    everybody: bool = False,
) -> Wish:
    entities = None if everybody else frozenset(ids)
    return Wish(entities, names, timedelta(seconds=poll), rate, None)


TODAY = date(2026, 11, 24)


def test_names_are_asked_for_only_where_somebody_shows_them() -> None:
    scope = scope_of([wish(ONE, TWO), wish(FOUR, names=True)], TODAY)
    assert (scope.hidden, scope.shown) == (frozenset({ONE, TWO}), frozenset({FOUR}))
    assert scope.rest is Rest.IGNORED
    assert scope.window_start == date(2026, 10, 25)


@pytest.mark.parametrize(
    ("wishes", "rest"),
    [
        ([wish(ONE), wish(everybody=True)], Rest.HIDDEN),
        ([wish(everybody=True, names=True), wish(everybody=True)], Rest.SHOWN),
        ([wish(everybody=True), wish(everybody=True, names=True)], Rest.SHOWN),
        ([], Rest.IGNORED),
    ],
)
def test_whoever_wants_everybody_decides_on_the_rest(wishes: list[Wish], rest: Rest) -> None:
    assert scope_of(wishes, TODAY).rest is rest


def test_the_most_impatient_sets_the_pace_and_the_most_cautious_the_rate() -> None:
    wishes = [wish(poll=60, rate=10), wish(poll=15, rate=50)]
    assert pace_of(wishes, timedelta(minutes=30)).poll_interval == timedelta(seconds=15)
    assert rate_of(wishes) == 10


def test_without_polls_sweeps_never_come_more_seldom_than_with_them() -> None:
    pace = pace_of([wish()], timedelta(minutes=2))
    assert pace.sweep_interval == timedelta(minutes=2)
    assert pace.sweep_interval_without_polls <= timedelta(minutes=2)


def test_nobodys_wishes_have_a_default() -> None:
    assert pace_of([], timedelta(minutes=30)).poll_interval == timedelta(seconds=20)
    assert rate_of([]) == 30


def test_the_watermark_is_no_wish_that_changes_the_pace() -> None:
    assert replace(wish(ONE), watermark=NOW).without_watermark() == wish(ONE)


# Jobs.


class Office:
    """A connection to one mailbox, proved and ready."""

    def __init__(self, moment: str) -> None:
        self.connection = MemoryConnection([a_place(OWNER).mailbox.address])
        self.clock = Clock(at(moment))

    async def access(self) -> CalendarAccess:
        cluster = MemoryCluster()
        cluster.put_secret("acme-exchange", accountLogin="me", accountPass="pw")
        watch = SecretWatch(cluster, NAMESPACE, "acme-exchange", "accountLogin", "accountPass")
        access = CalendarAccess(
            tenant().spec.exchange, watch, lambda *_: self.connection, timedelta(seconds=20)
        )
        assert await access.tend(self.clock(), [a_place(OWNER).mailbox], hold_on=False)
        return access

    def events(self) -> list[Event]:
        (mailbox,) = self.connection.mailboxes.values()
        return [kept.event for kept in mailbox.kept.values()]


async def never(_: EmployeeID, __: date) -> Reading:
    raise AssertionError("nothing has to be read again")


def allow(deletions: Sequence[Delete]) -> Verdict:
    return Verdict(tuple(deletions), (), "")


async def test_reconciling_makes_the_calendar_show_the_reading() -> None:
    office = Office("2026-11-24 09:00")
    job = Reconcile(await office.access(), never, allow, office.clock, lambda _: Leave())
    assert job.reads
    await job(a_place(OWNER), a_reading_of(OWNER, *absent("2026-12-24")))
    assert office.events() == [an_event(all_day("2026-12-24"))]


async def test_nothing_is_concluded_from_no_reading() -> None:
    office = Office("2026-11-24 09:00")
    job = Reconcile(await office.access(), never, allow, office.clock, lambda _: Leave())
    with pytest.raises(TransientError):
        await job(a_place(OWNER), None)


async def test_clearing_asks_nothing_of_figgo_and_counts_days_where_the_person_works() -> None:
    """At half past eleven in the evening, in UTC, it is tomorrow in Paris."""
    office = Office("2026-11-24 23:30")
    (mailbox,) = office.connection.mailboxes.values()
    for number, day_text in enumerate(("2026-11-24", "2026-11-25")):
        key = EventKey("acme.ilucca.net", OWNER, PeriodID(number), 0)
        mailbox.put(an_event(all_day(day_text)), key.marker())
    job = Clear(await office.access(), office.clock)
    assert not job.reads
    report = await job(a_place(OWNER), None)
    assert report.deleted == 1
    assert office.events() == [an_event(all_day("2026-11-24"))]
