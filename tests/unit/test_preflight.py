"""The preflight waits aloud, looks again, and says when all is there again."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from figgosync.controller import preflight
from figgosync.controller.preflight import Preflight
from figgosync.errors import CredentialError, PermanentError, Reason, SyncError, TransientError
from figgosync.kube.preconditions import Notice
from support.comes_true import comes_true

SHORT = timedelta(milliseconds=5)
LACKING = PermanentError(Reason.REQUEST_REFUSED, "A right lacks.", retry_after=SHORT)


@dataclass
class Surroundings:
    """What the API server says: a trouble while there is one, else some notices."""

    trouble: SyncError | None = None
    notices: Sequence[Notice] = ()
    checks: int = 0
    doubt: asyncio.Event = field(default_factory=asyncio.Event)

    async def check(self) -> Sequence[Notice]:
        self.checks += 1
        self.doubt.clear()
        if self.trouble is not None:
            raise self.trouble
        return self.notices


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight, "SHORTEST_INTERVAL", SHORT)
    monkeypatch.setattr(preflight, "LONGEST_WAIT", SHORT)


def lines(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    return [(record.levelname, record.getMessage()) for record in caplog.records]


async def test_it_waits_and_says_once_what_for(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    around = Surroundings(trouble=LACKING)
    checked = Preflight(around)
    assert checked.trouble == "the operator is starting"
    waiting = asyncio.create_task(checked.wait())
    await comes_true(lambda: around.checks >= 4)
    assert checked.trouble == "A right lacks."
    assert lines(caplog) == [("ERROR", "not ready: A right lacks.")]
    around.trouble = None
    await waiting
    assert checked.trouble is None
    assert lines(caplog)[1:] == [("INFO", "ready again: nothing lacks any more")]


async def test_another_trouble_is_said_as_well(caplog: pytest.LogCaptureFixture) -> None:
    around = Surroundings(trouble=LACKING)
    waiting = asyncio.create_task(Preflight(around).wait())
    await comes_true(lambda: len(caplog.records) == 1)
    around.trouble = TransientError(Reason.UNREACHABLE, "Away.", retry_after=SHORT)
    await comes_true(lambda: len(caplog.records) == 2)
    assert lines(caplog)[1] == ("ERROR", "not ready: Away.")
    waiting.cancel()


async def test_a_trouble_that_does_not_end_is_said_again(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preflight, "REMINDER", timedelta(milliseconds=20))
    waiting = asyncio.create_task(Preflight(Surroundings(trouble=LACKING)).wait())
    await comes_true(lambda: len(caplog.records) >= 3)
    assert set(lines(caplog)) == {("ERROR", "not ready: A right lacks.")}
    waiting.cancel()


async def test_a_notice_is_said_once_and_hinders_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    notices = [Notice("Newer.", is_warning=True), Notice("Unknown.", is_warning=False)]
    checked = Preflight(Surroundings(notices=notices))
    await checked.wait()
    await checked.wait()
    assert lines(caplog) == [("WARNING", "Newer."), ("INFO", "Unknown.")]


@pytest.mark.parametrize(
    "trouble", [LACKING, CredentialError(Reason.CREDENTIALS_REFUSED, "A right lacks.")]
)
async def test_what_is_taken_away_later_is_found_where_something_was_refused(
    caplog: pytest.LogCaptureFixture, trouble: SyncError
) -> None:
    caplog.set_level(logging.INFO)
    around = Surroundings()
    checked = Preflight(around)
    await checked.wait()
    watching = asyncio.create_task(checked.keep_watch())
    await asyncio.sleep(0.03)
    assert around.checks == 1, "without a doubt it is looked at rarely"
    around.trouble = trouble
    around.doubt.set()
    await comes_true(lambda: checked.trouble == "A right lacks.")
    around.trouble = None
    await comes_true(lambda: checked.trouble is None)
    assert lines(caplog) == [
        ("ERROR", "not ready: A right lacks."),
        ("INFO", "ready again: nothing lacks any more"),
    ]
    watching.cancel()


async def test_an_api_server_that_goes_away_later_is_others_business(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preflight, "CHECK_INTERVAL", 2 * SHORT)
    around = Surroundings()
    checked = Preflight(around)
    await checked.wait()
    around.trouble = TransientError(Reason.UNREACHABLE, "Away.")
    watching = asyncio.create_task(checked.keep_watch())
    await comes_true(lambda: around.checks >= 4)
    assert checked.trouble is None
    assert caplog.records == []
    watching.cancel()


async def test_at_the_end_what_lacks_is_said_once_more(caplog: pytest.LogCaptureFixture) -> None:
    around = Surroundings()
    checked = Preflight(around)
    await checked.wait()
    await checked.explain()
    assert caplog.records == []
    around.trouble = LACKING
    await checked.explain()
    assert lines(caplog) == [("ERROR", "not ready: A right lacks.")]
