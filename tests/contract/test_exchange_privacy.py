"""Titles, addresses and passwords reach Exchange, and nothing else."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from contract.calendar_cases import PARIS, a_key, an_event
from contract.exchange_backstage import JANE, LOGIN, PASSWORD, ExchangeBackstage, Keys, exchange
from contract.remote_calendar_contract import CALLS, CANARY, TOGETHER, telling
from figgosync.calendars.base import Mailbox
from figgosync.calendars.exchange import ExchangeConnection
from figgosync.core.tenant import Authentication
from figgosync.errors import SyncError
from figgosync_sim.ews import Refuse, busy
from figgosync_sim.faults import Answer, Delay, DropAfter, HtmlError, Truncate

SECRETS = (CANARY, JANE, "jane.doe", LOGIN, PASSWORD, "Absent")


class Everything(logging.Handler):
    """Keeps the text of every record, tracebacks included."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.formatter = logging.Formatter("%(name)s %(message)s")
        self.texts: list[str] = []
        self.libraries: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(self.format(record) + repr(record.args))
        self.libraries.add(record.name.partition(".")[0])


@pytest.fixture
def logged() -> Iterator[Everything]:
    """Listen as closely as logging can: the root and the libraries at DEBUG."""
    everything, root = Everything(), logging.getLogger()
    level = root.level
    root.addHandler(everything)
    root.setLevel(logging.DEBUG)
    yield everything
    root.removeHandler(everything)
    root.setLevel(level)
    # pytest listens to loggers that do not propagate, too: the next test shall not hear these.
    for name in _names_of_libraries():
        if "." in name:
            logging.getLogger(name).setLevel(logging.NOTSET)


def _names_of_libraries() -> list[str]:
    known = list(logging.root.manager.loggerDict)
    return [name for name in known if name.partition(".")[0] in {"exchangelib", "spnego"}]


Order = Callable[[ExchangeBackstage], Awaitable[None] | None]

TROUBLES: dict[str, Order] = {
    "none": lambda _: None,
    "throttled": lambda backstage: backstage.simulator.order(busy(1000)),
    "quoting": lambda backstage: backstage.simulator.order(
        Refuse("ErrorItemSave", f"{CANARY} of {JANE}")
    ),
    "quoting in a fault": lambda backstage: backstage.simulator.order(
        Refuse("ErrorNobodyHasHeardOf", f"{CANARY} of {JANE}", as_fault=True)
    ),
    "quoting in a page": lambda backstage: backstage.simulator.order(
        Answer(500, body=f"<h1>{CANARY} of {JANE}</h1>", content_type="text/html")
    ),
    "quoting in XML": lambda backstage: backstage.simulator.order(
        Answer(200, body=f"<Envelope>{CANARY} of {JANE}</Envelope>", content_type="text/xml")
    ),
    "lost": lambda backstage: backstage.simulator.order(DropAfter()),
    "cut short": lambda backstage: backstage.simulator.order(Truncate()),
    "a web page": lambda backstage: backstage.simulator.order(HtmlError(200)),
    "too slow": lambda backstage: backstage.simulator.order(Delay(0.4)),
    "login": lambda backstage: backstage.refuse_login(),
    "mailbox": lambda backstage: (
        backstage.remove_mailbox() if backstage.simulator.store.find(JANE) else None
    ),
}


@pytest.mark.parametrize("login", Authentication)
@pytest.mark.parametrize("trouble", TROUBLES)
async def test_no_log_record_and_no_error_tells_them(
    keys: Keys, logged: Everything, trouble: str, login: Authentication
) -> None:
    told = []
    async with exchange(keys, login, call_limit=timedelta(seconds=0.3)) as backstage:
        patient = ExchangeConnection(replace(backstage.settings, call_limit=timedelta(seconds=8)))
        ref = await patient.calendar(Mailbox(JANE, PARIS)).create(a_key(), an_event(CANARY))
        await patient.close()
        backstage.enters(TOGETHER)
        for name in _names_of_libraries():
            logging.getLogger(name).setLevel(logging.DEBUG)
        calendar = backstage.calendar()
        for call in CALLS.values():
            ordered = TROUBLES[trouble](backstage)
            if ordered is not None:
                await ordered
            try:
                await call(calendar, ref)
            except SyncError as error:
                told.append(telling(error))
        backstage.simulator.faults.cancel()
        told.append(repr(backstage.settings) + repr(backstage.connection))
    await asyncio.sleep(0)

    assert logged.texts, "nothing was listened to"
    assert not logged.libraries & {"exchangelib", "spnego"}
    for text in (*logged.texts, *told):
        assert not [secret for secret in SECRETS if secret.lower() in text.lower()]


async def test_the_listener_would_have_heard(logged: Everything) -> None:
    logging.getLogger("exchangelibrary").debug("about %s", CANARY)

    assert [text for text in logged.texts if CANARY in text]


async def test_the_libraries_themselves_would_tell(keys: Keys, logged: Everything) -> None:
    # Without our silence the proof above would be empty.
    library = logging.getLogger("exchangelib")
    async with exchange(keys) as backstage:
        library.propagate = True
        library.setLevel(logging.DEBUG)
        try:
            await backstage.calendar().create(a_key(), an_event(CANARY))
        finally:
            ExchangeConnection(replace(backstage.settings, login="x"))

    assert [text for text in logged.texts if CANARY in text]
    assert not library.propagate
