"""How busy Exchange was is told by its log alone."""

import pytest

from benchmarks.exchange_load import Call, ExchangeLoad
from figgosync_sim.requestlog import LoggedRequest


def request(started: float, ended: float | None, status: int | None = 200) -> LoggedRequest:
    return LoggedRequest("POST", "/EWS/Exchange.asmx", {}, {}, started, status, ended)


def test_calls_count_that_were_answered_between_the_two_moments() -> None:
    log = [request(9.5, 10.0), request(9.9, 10.1), request(11.8, 12.0), request(11.9, 12.1)]
    load = ExchangeLoad.between(10.0, 12.0, log)
    assert load.calls == [Call(9.9, 10.1), Call(11.8, 12.0)]
    assert load.per_second == 1.0
    assert load.call_seconds == pytest.approx(0.2)
    assert load.ceiling(4) == pytest.approx(20)


def test_what_opens_a_login_or_was_never_answered_is_no_call() -> None:
    log = [request(1, 2, 401), request(1, None, None), request(1, 2, None), request(1, 2)]
    assert ExchangeLoad.between(0.0, 3.0, log).calls == [Call(1, 2)]


def test_a_call_that_was_refused_is_counted_twice_as_call_and_as_refused() -> None:
    load = ExchangeLoad.between(0.0, 3.0, [request(1, 2), request(1, 2, 500)])
    assert (len(load.calls), load.refused) == (2, 1)


@pytest.mark.parametrize(
    ("calls", "idle"),
    [
        ([], 10.0),
        ([(0.0, 10.0)], 0.0),
        ([(-1.0, 2.0), (1.0, 4.0), (3.0, 9.0)], 1.0),
        ([(5.0, 6.0), (1.0, 2.0)], 8.0),
        ([(1.0, 9.0), (2.0, 3.0), (9.5, 10.0)], 1.5),
    ],
)
def test_idle_is_the_time_in_which_no_call_is_under_way(
    calls: list[tuple[float, float]], idle: float
) -> None:
    load = ExchangeLoad(0.0, 10.0, [Call(*call) for call in calls], refused=0)
    assert load.idle_seconds == pytest.approx(idle)
