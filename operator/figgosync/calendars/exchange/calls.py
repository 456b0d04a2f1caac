"""Blocking calls on a few threads: one at a time per mailbox, and never beyond its time."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from time import monotonic
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from figgosync.calendars.exchange.attempt import ATTEMPT, Attempt
from figgosync.calendars.exchange.errors import overtime, translate
from figgosync.core.traffic import Heard, unheard
from figgosync.errors import CredentialError, PermanentError, Reason, SyncError, TransientError

T = TypeVar("T")

# Threads give up a little earlier than those who wait for them, so that the thread's own word,
# which is better, is the one that is heard.
_THREADS_SHARE = 0.9


class Calls:
    """Runs what blocks, at most `concurrency` at once.

    A thread that does not come back, which only name resolution can cause, keeps its place and its
    mailbox until it does: it is accounted for, never replaced. `heard` hears in the thread how each
    request ended, also where nobody waits for it any more.
    """

    def __init__(self, concurrency: int, limit: timedelta, heard: Heard = unheard) -> None:
        self._heard = heard
        self._limit = limit.total_seconds()
        self._threads = ThreadPoolExecutor(concurrency, thread_name_prefix="exchange")
        self._free = asyncio.Semaphore(concurrency)
        self._mailboxes: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._running: set[Future[Any]] = set()
        self._closed = False

    def deadline(self) -> float:
        """Return when a call that begins now has to be over, on the monotonic clock."""
        return monotonic() + self._limit

    async def run(
        self,
        mailbox: str,
        job: Callable[[], T],
        *,
        deadline: float,
        settle_time: timedelta | None = None,
    ) -> T:
        """Run a job that sends one request, and return what it returns.

        Raises only SyncErrors. Waiting for a place counts. `settle_time` is given for writes.
        """
        place = await self._place(mailbox, deadline)
        attempt = Attempt(monotonic() + (deadline - monotonic()) * _THREADS_SHARE)
        try:
            future = self._threads.submit(self._counted, job, attempt, settle_time)
        except RuntimeError:
            place()
            raise _closed() from None
        self._running.add(future)
        loop = asyncio.get_running_loop()

        def ended(_: Future[T]) -> None:
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(self._ended, future, place)

        future.add_done_callback(ended)
        answer = asyncio.wrap_future(future)
        # Should nobody be left to hear it, asyncio would complain of an unheard failure.
        answer.add_done_callback(lambda heard: heard.cancelled() or heard.exception())
        await asyncio.wait({answer}, timeout=deadline - monotonic())
        if not answer.done():
            raise overtime(attempt, settle_time)
        return answer.result()

    async def close(self) -> None:
        """Take no more calls, and wait for those in flight as long as one may last."""
        self._closed = True
        if self._running:
            running = {asyncio.wrap_future(future) for future in self._running}
            for answer in running:
                answer.add_done_callback(lambda heard: heard.cancelled() or heard.exception())
            await asyncio.wait(running, timeout=self._limit)
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _place(self, mailbox: str, deadline: float) -> Callable[[], None]:
        """Wait for the mailbox and for a thread; return how to give both back."""
        if self._closed:
            raise _closed()
        lock = self._mailboxes.setdefault(mailbox, asyncio.Lock())
        try:
            async with asyncio.timeout(deadline - monotonic()):
                await lock.acquire()
                try:
                    await self._free.acquire()
                except BaseException:
                    lock.release()
                    raise
        except TimeoutError:
            raise TransientError(
                Reason.PROGRESSING, "All connections to Exchange are busy with other calls."
            ) from None

        def give_back() -> None:
            self._free.release()
            lock.release()

        return give_back

    def _counted(self, job: Callable[[], T], attempt: Attempt, settle_time: timedelta | None) -> T:
        try:
            answer = _attempted(job, attempt, settle_time)
        except SyncError as error:
            if _was_asked(attempt, error):
                self._heard(error)
            raise
        self._heard(None)
        return answer

    def _ended(self, future: Future[T], place: Callable[[], None]) -> None:
        self._running.discard(future)
        place()


def _attempted(job: Callable[[], T], attempt: Attempt, settle_time: timedelta | None) -> T:
    token = ATTEMPT.set(attempt)
    try:
        return job()
    except SyncError:
        raise
    except Exception as error:  # noqa: BLE001 - the libraries raise whatever they like
        failure = translate(error, attempt, settle_time)
    finally:
        ATTEMPT.reset(token)
    # Out of the except block: what the library said, names included, must not hang on to it.
    raise failure


def _was_asked(attempt: Attempt, error: SyncError) -> bool:
    """Tell whether anybody was asked, or at least knocked at, before the call failed."""
    by_ourselves = isinstance(error, CredentialError | PermanentError)
    knocked = error.reason in {Reason.TLS_FAILED, Reason.UNREACHABLE}  # the latter at a proxy
    return attempt.sent or not by_ourselves or knocked


def _closed() -> TransientError:
    return TransientError(Reason.UNREACHABLE, "The connection to Exchange has been closed.")
