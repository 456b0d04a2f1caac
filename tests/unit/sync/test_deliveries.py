"""The watermark in the status says how far everything is written, never further."""

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from figgosync.core.absence import EmployeeID
from figgosync.sync.deliveries import MOST, Deliveries
from syncing import NOW

ANNE, BERT = EmployeeID(1207), EmployeeID(1208)
LATER, LAST = NOW + timedelta(minutes=1), NOW + timedelta(minutes=2)


def test_what_nobody_waits_for_is_handled_at_once() -> None:
    deliveries = Deliveries(None)
    deliveries.arrived(NOW, [])
    assert deliveries.watermark == NOW
    assert deliveries.is_settled


def test_the_watermark_waits_for_everybody() -> None:
    deliveries = Deliveries(NOW)
    deliveries.arrived(LATER, [ANNE, BERT])
    deliveries.attempted(ANNE)
    assert (deliveries.watermark, deliveries.is_settled) == (NOW, False)
    deliveries.attempted(BERT)
    assert (deliveries.watermark, deliveries.is_settled) == (LATER, True)


def test_a_later_delivery_never_overtakes_an_earlier_one() -> None:
    deliveries = Deliveries(None)
    deliveries.arrived(NOW, [ANNE])
    deliveries.arrived(LATER, [BERT])
    deliveries.attempted(BERT)
    assert deliveries.watermark is None
    deliveries.attempted(ANNE)
    assert deliveries.watermark == LATER


def test_nobody_waits_for_those_who_left() -> None:
    deliveries = Deliveries(None)
    deliveries.arrived(NOW, [ANNE, BERT])
    deliveries.attempted(BERT)
    deliveries.forget_all_but(frozenset({BERT}))
    assert deliveries.watermark == NOW


def test_a_quiet_delivery_waits_with_the_one_before() -> None:
    deliveries = Deliveries(None)
    deliveries.arrived(NOW, [ANNE])
    deliveries.arrived(LATER, [])
    assert deliveries.watermark is None
    deliveries.attempted(ANNE)
    assert deliveries.watermark == LATER


def test_a_long_outage_is_remembered_in_little_space() -> None:
    deliveries = Deliveries(NOW)
    for number in range(10 * MOST):
        deliveries.arrived(NOW + timedelta(minutes=number), [EmployeeID(number + 1)])
    assert len(deliveries) <= MOST
    for number in range(10 * MOST - 1):
        deliveries.attempted(EmployeeID(number + 1))
    assert not deliveries.is_settled, "the last one is not forgotten"
    deliveries.attempted(EmployeeID(10 * MOST))
    assert deliveries.watermark == NOW + timedelta(minutes=10 * MOST - 1)


@settings(deadline=None)
@given(
    st.lists(st.frozensets(st.integers(1, 5), max_size=3), max_size=150),
    st.lists(st.integers(1, 5), max_size=60),
)
def test_the_watermark_never_passes_a_delivery_that_somebody_waits_for(
    named: list[frozenset[int]], attempted: list[int]
) -> None:
    deliveries = Deliveries(None)
    waiting: list[tuple[datetime, set[int]]] = []
    for number, who in enumerate(named):
        at = NOW + timedelta(seconds=number)
        deliveries.arrived(at, map(EmployeeID, who))
        waiting.append((at, set(who)))
        for employee in attempted[number : number + 1]:
            deliveries.attempted(EmployeeID(employee))
            for _, outstanding in waiting:
                outstanding.discard(employee)
        first = min((at for at, outstanding in waiting if outstanding), default=None)
        if deliveries.watermark is not None and first is not None:
            assert deliveries.watermark < first
        assert deliveries.is_settled == (first is None)
