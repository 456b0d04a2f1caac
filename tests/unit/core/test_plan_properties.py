"""Plans for any state of Figgo and of the calendar, however it came about."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import event, given, seed, settings
from hypothesis import strategies as st

from builders import HOST, OWNER, PERIOD, a_reading, at, event_rules
from figgosync.core.absence import EmployeeID, HalfDay, PeriodID
from figgosync.core.coverage import days, half_days
from figgosync.core.event import AllDay, Availability, Event, EventKey, OwnedEvent, Ref, Timed
from figgosync.core.plan import Action, Create, Delete, Evidence, Situation, Update, plan
from figgosync.core.render import concealed, wanted_events
from figgosync.core.tenant import EventRules, FullDay, RemoteWork
from planning import carried_out
from strategies import choices, naively_covered, rows_of_one_employee, zones

PERIODS = [PeriodID(PERIOD + number) for number in range(3)]
SINCE = date(2026, 10, 19)
BEFORE_ALL = SINCE - timedelta(days=9)


def an_event_of(code: int) -> Event:
    """Decode any event at all, be it one that nobody ever wanted."""
    title, private, who, timed, offset, hour, length = choices(code, 2, 2, 3, 2, 19, 24, 5)
    first = SINCE + timedelta(days=offset - 4)
    start = datetime.combine(first, time(hour), UTC)
    hours = timedelta(hours=[0, 4, 9, 30, 96][length])
    return Event(
        title=["Absent", "Maladie"][title],
        when=Timed(start, start + hours) if timed else AllDay(first, first + hours),
        availability=list(Availability)[who],
        private=bool(private),
    )


def rules_of(code: int) -> EventRules:
    shown, private, full_day, remote_work = choices(code, 2, 2, 2, 3)
    return event_rules(
        show_absence_type=bool(shown),
        private=bool(private),
        full_day=list(FullDay)[full_day],
        remote_work=list(RemoteWork)[remote_work],
    )


def row_with_a_history(row: HalfDay, number: int, seed: int, late: datetime) -> HalfDay:
    """Make some rows, or a whole period, remote work; let a quarter of them change at `late`."""
    (period_is_remote,) = choices(seed + row.period, 3)
    row_is_remote, changed = choices(seed + number, 5, 4)
    return replace(
        row,
        account_name="Maladie",
        remote_work=period_is_remote == 0 or row_is_remote == 0,
        confirmed_at=late if changed == 0 else None,
    )


def found_of(code: int, number: int, wanted: Mapping[PeriodID, tuple[Event, ...]]) -> OwnedEvent:
    """Decode an event: right, nearly right or wrong; some are copies, and a few are not ours."""
    right = [(period, each) for period, some in wanted.items() for each in some]
    host, employee, part, period, wrong, which, rest = choices(code, 12, 12, 4, 3, 3, 7, 10**6)
    spot, each = PERIODS[period], an_event_of(rest)
    if right and wrong < 2:
        spot, each = right[which % len(right)]
        each = replace(each, title="Ski!") if wrong else each
    key = EventKey(
        host="other.ilucca.net" if host == 0 else HOST,
        employee=EmployeeID(OWNER + 1) if employee == 0 else OWNER,
        period=spot,
        part=part,
    )
    return OwnedEvent(key, Ref(f"r{number}"), each)


codes = st.integers(0, 2**62)


@st.composite
def situations(draw: st.DrawFn, today: date | None = None) -> Situation:
    zone, rules = draw(zones), rules_of(draw(codes))
    creatable, days_gone, days_to_change, seed = choices(draw(codes), 8, 14, 19, 2**40)
    late = at(f"{SINCE + timedelta(days=days_to_change - 4)} 08:00")
    rows = [
        row_with_a_history(row, number, seed, late)
        for number, row in enumerate(draw(rows_of_one_employee(SINCE)))
    ]
    reading = a_reading(rows, since=SINCE.isoformat())
    wanted = wanted_events(reading, rules, zone)
    found = draw(st.lists(codes, max_size=7))
    return Situation(
        host=HOST,
        reading=reading,
        wanted=wanted,
        creatable=frozenset(p for n, p in enumerate(PERIODS) if creatable >> n & 1),
        found=[found_of(code, number, wanted) for number, code in enumerate(found)],
        rules=rules,
        today=today or SINCE + timedelta(days=days_gone),
        zone=zone,
    )


before_everything = situations(today=BEFORE_ALL)


def ours(found: Iterable[OwnedEvent]) -> list[OwnedEvent]:
    return [each for each in found if (each.key.host, each.key.employee) == (HOST, OWNER)]


def is_past(situation: Situation, each: Event) -> bool:
    return days(each.when, situation.zone)[1] < situation.today


def knows(situation: Situation, period: PeriodID) -> bool:
    return any(row.period == period for row in situation.reading.half_days)


def applied(situation: Situation) -> list[OwnedEvent]:
    return carried_out(plan(situation), situation.found)


@settings(max_examples=300, deadline=None)
@given(situations())
def test_a_plan_that_was_carried_out_leaves_nothing_to_plan(situation: Situation) -> None:
    assert plan(replace(situation, found=applied(situation))) == ()


@settings(max_examples=200, deadline=None)
@given(situations(), st.data())
def test_a_plan_that_was_carried_out_in_part_is_completed_by_the_next(
    situation: Situation, data: st.DataObject
) -> None:
    actions = plan(situation)
    some = data.draw(st.lists(st.sampled_from(actions), unique=True) if actions else st.just([]))
    event(f"{len(some)} of {len(actions)} actions")
    half_way = replace(situation, found=carried_out(some, situation.found))
    assert plan(replace(half_way, found=applied(half_way))) == ()


@settings(max_examples=150, deadline=None)
@given(situations(), st.data())
def test_the_order_of_what_was_found_is_of_no_importance(
    situation: Situation, data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(situation.found))
    assert plan(replace(situation, found=shuffled)) == plan(situation)


@settings(max_examples=150, deadline=None)
@given(situations())
def test_what_is_not_ours_is_neither_touched_nor_seen(situation: Situation) -> None:
    mine = ours(situation.found)
    assert plan(replace(situation, found=mine)) == plan(situation)
    touched = [each.ref for each in plan(situation) if not isinstance(each, Create)]
    assert len(touched) == len(set(touched))
    assert set(touched) <= {each.ref for each in mine}


@settings(max_examples=150, deadline=None)
@given(situations())
def test_deletions_come_last_and_every_update_changes_something(situation: Situation) -> None:
    actions = plan(situation)
    kinds = [isinstance(action, Delete) for action in actions]
    assert kinds == sorted(kinds)
    assert all(each.event != each.before for each in actions if isinstance(each, Update))


@settings(max_examples=200, deadline=None)
@given(before_everything)
def test_e09_a_period_costs_no_more_writes_than_it_has_to(situation: Situation) -> None:
    actions = plan(situation)
    for period in PERIODS:
        found = [each for each in ours(situation.found) if each.key.period == period]
        keys = {each.key for each in found}
        wanted = situation.wanted.get(period, ())
        may_create = bool(found) or period in situation.creatable
        mine = [each for each in actions if each.key.period == period]
        creates, updates, deletes = (
            sum(isinstance(each, kind) for each in mine) for kind in (Create, Update, Delete)
        )
        history = [] if knows(situation, period) else history_of(situation, found)
        assert creates == (max(0, len(wanted) - len(keys)) if may_create else 0)
        assert updates <= min(len(wanted), len(keys)) + len(history)
        if not history:
            assert deletes == max(0, len(keys) - len(wanted)) + len(found) - len(keys)


def history_of(situation: Situation, found: Iterable[OwnedEvent]) -> list[OwnedEvent]:
    return [each for each in found if days(each.event.when, situation.zone)[1] < SINCE]


@settings(max_examples=200, deadline=None)
@given(situations())
def test_from_today_on_the_calendar_shows_what_is_wanted_and_nothing_else(
    situation: Situation,
) -> None:
    found = ours(situation.found)
    standing = {each.key.period for each in found}
    wanted = Counter(
        (period, each)
        for period, some in situation.wanted.items()
        if period in situation.creatable | standing
        for each in some
        if not is_past(situation, each)
    )
    after = Counter(
        (each.key.period, each.event)
        for each in ours(applied(situation))
        if not is_past(situation, each.event)
    )
    assert after == wanted


@settings(max_examples=200, deadline=None)
@given(before_everything)
def test_e09_the_calendar_covers_the_half_days_that_figgo_shows(situation: Situation) -> None:
    rules = replace(situation.rules, remote_work=RemoteWork.AS_ABSENCE)
    wanted = wanted_events(situation.reading, rules, situation.zone)
    situation = replace(
        situation, rules=rules, wanted=wanted, creatable=frozenset(PERIODS), found=[]
    )
    covered = set()
    for each in applied(situation):
        half_day, last = half_days(each.event.when, rules.working_hours, situation.zone)
        while half_day <= last:
            covered.add((each.key.period, half_day))
            half_day = half_day.next()
    assert covered == naively_covered(situation.reading.half_days)


@settings(max_examples=200, deadline=None)
@given(situations())
def test_a_past_half_day_that_is_shown_and_wanted_is_never_lost(situation: Situation) -> None:
    found = ours(situation.found)
    copied = [key for key, times in Counter(each.key for each in found).items() if times > 1]
    found = [each for each in found if each.key not in copied]
    situation = replace(situation, found=found)
    wanted = shown(situation, ((p, e) for p, some in situation.wanted.items() for e in some))
    before = shown(situation, ((each.key.period, each.event) for each in found))
    after = shown(situation, ((each.key.period, each.event) for each in applied(situation)))
    assert before & wanted <= after


def shown(
    situation: Situation, events: Iterable[tuple[PeriodID, Event]]
) -> set[tuple[PeriodID, date]]:
    """Return the days on which something of a period is shown."""
    result = set()
    for period, each in events:
        first, last = days(each.when, situation.zone)
        result |= {(period, first + timedelta(n)) for n in range((last - first).days + 1)}
    return result


@settings(max_examples=200, deadline=None)
@given(situations())
def test_the_past_at_rest_changes_only_to_disclose_less(situation: Situation) -> None:
    at_rest = [replace(row, confirmed_at=None) for row in situation.reading.half_days]
    situation = replace(situation, reading=a_reading(at_rest, since=SINCE.isoformat()))
    for action in plan(situation):
        match action:
            case Update() if is_past(situation, action.before) and is_past(situation, action.event):
                assert action.event == concealed(action.before, situation.rules)
            case Delete() if is_past(situation, action.event):
                assert action.evidence not in {Evidence.UNWANTED, Evidence.UNEXPLAINED}
            case _:
                pass


@settings(max_examples=200, deadline=None)
@given(situations())
def test_nothing_that_stays_discloses_more_than_the_rules_allow(situation: Situation) -> None:
    for each in ours(applied(situation)):
        if each in situation.found or is_past(situation, each.event):
            assert concealed(each.event, situation.rules) == each.event


@settings(max_examples=200, deadline=None)
@given(situations())
def test_every_deletion_has_the_evidence_that_it_names(situation: Situation) -> None:
    for action in plan(situation):
        if isinstance(action, Delete):
            event(action.evidence)
            assert is_proven(action, situation)


def is_proven(deletion: Delete, situation: Situation) -> bool:
    period = deletion.key.period
    rows = [row for row in situation.reading.half_days if row.period == period]
    others = [row for row in situation.reading.half_days if row.period != period and row.active]
    match deletion.evidence:
        case Evidence.CANCELLED:
            return any(not row.active for row in rows) and period not in situation.wanted
        case Evidence.UNWANTED:
            return any(row.active for row in rows) and period not in situation.wanted
        case Evidence.REPLACED:
            return not rows and bool(others)
        case Evidence.UNEXPLAINED:
            return not rows
        case Evidence.DUPLICATE:
            keys = Counter(each.key for each in situation.found)
            return keys[deletion.key] > 1 or period in situation.wanted


def test_the_strategies_reach_what_the_properties_are_about() -> None:
    """Guard against properties that hold because nothing ever happens.

    What Hypothesis draws depends on which modules are imported, as it collects their constants: so
    it looks as long as it must, up to a limit.
    """
    reached: Counter[str] = Counter()
    missing = {
        *(f"Delete {evidence}" for evidence in Evidence),
        "Create",
        "Update",
        "Update of the past",
    }

    def explore(situation: Situation) -> None:
        for action in plan(situation):
            reached[name_of(action, situation)] += 1

    for number in range(20):
        some = settings(max_examples=300, deadline=None, database=None)
        seed(number)(some(given(situations())(explore)))()
        missing -= set(reached)
        if not missing:
            break
    assert not missing, reached


def name_of(action: Action, situation: Situation) -> str:
    match action:
        case Create():
            return "Create"
        case Update():
            return "Update of the past" if is_past(situation, action.before) else "Update"
        case Delete():
            return f"Delete {action.evidence}"
