"""Who may knock while another login is under way."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier, Event, Semaphore
from time import monotonic

import pytest
import requests

from figgosync.calendars.exchange.door import Door
from figgosync.calendars.exchange.transport import ATTEMPT, Attempt, TransportError

Send = Callable[[], requests.Response]

OPENING, PROOF = "TlRMTVNTUAABAAAA", "TlRMTVNTUAADAAAA"
LONG = 10.0


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


def _answer(status: int) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    return response


class Queueing(Attempt):
    """An attempt that tells when its turn is waited for."""

    def __init__(self, waiting: Semaphore) -> None:
        super().__init__(monotonic() + LONG)
        self._waiting = waiting

    def remaining(self) -> float:
        self._waiting.release()
        return super().remaining()


def _through(
    door: Door, authorization: str | None, send: Send, attempt: Attempt | None = None
) -> int:
    request = requests.Request("POST", "https://mail.societe.com/").prepare()
    if authorization is not None:
        request.headers["Authorization"] = authorization
    token = ATTEMPT.set(attempt or Attempt(monotonic() + LONG))
    try:
        return door.through(request, send).status_code
    finally:
        ATTEMPT.reset(token)


def _leader(
    threads: ThreadPoolExecutor, door: Door, status: int
) -> tuple[Event, Event, Future[int]]:
    """Let one login be under way; it is answered with `status` when the second event is set."""
    knocked, answered = Event(), Event()

    def send() -> requests.Response:
        knocked.set()
        assert answered.wait(LONG)
        return _answer(status)

    return knocked, answered, threads.submit(_through, door, f"NTLM {PROOF}", send)


def test_those_who_waited_for_a_good_login_go_together(threads: ThreadPoolExecutor) -> None:
    door, together = Door(), Barrier(3)
    knocked, answered, first = _leader(threads, door, 200)
    assert knocked.wait(LONG)

    def send() -> requests.Response:
        together.wait(LONG)
        return _answer(200)

    waiting = Semaphore(0)
    others = [
        threads.submit(_through, door, f"NTLM {PROOF}", send, Queueing(waiting)) for _ in range(3)
    ]
    assert all(waiting.acquire(timeout=LONG) for _ in others)
    answered.set()
    assert [each.result(LONG) for each in (first, *others)] == [200] * 4


def test_those_who_waited_for_a_refused_login_do_not_knock(threads: ThreadPoolExecutor) -> None:
    door = Door()
    knocked, answered, first = _leader(threads, door, 401)
    assert knocked.wait(LONG)
    other = threads.submit(_through, door, f"NTLM {PROOF}", pytest.fail)
    answered.set()
    assert first.result(LONG) == 401
    with pytest.raises(TransportError, match="LOGIN_REFUSED"):
        other.result(LONG)


def test_nobody_waits_longer_than_the_attempt_may_last(threads: ThreadPoolExecutor) -> None:
    door = Door()
    knocked, answered, first = _leader(threads, door, 200)
    assert knocked.wait(LONG)
    with pytest.raises(TimeoutError):
        _through(door, f"NTLM {PROOF}", pytest.fail, Attempt(monotonic() + 0.02))
    answered.set()
    assert first.result(LONG) == 200


@pytest.mark.parametrize("authorization", [None, f"NTLM {OPENING}", "NTLM ?", "Bearer x"])
def test_what_proves_no_password_is_nobodys_login(authorization: str | None) -> None:
    door = Door()
    assert _through(door, authorization, lambda: _answer(401)) == 401
    assert _through(door, f"NTLM {PROOF}", lambda: _answer(200)) == 200


def test_after_a_refusal_one_more_login_needs_a_reopened_door() -> None:
    door = Door()
    for authorization in ("Basic eDp5", f"NTLM {PROOF}"):
        door.reopen()
        assert _through(door, authorization, lambda: _answer(401)) == 401
        with pytest.raises(TransportError, match="LOGIN_REFUSED"):
            _through(door, authorization, pytest.fail)
