"""One Figgo is read once for all its tenants; each keeps to its key, its health and its wishes."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, cast

import pytest

from figgosync.core.absence import EmployeeID, LegalEntityID, Reading
from figgosync.core.conditions import Status
from figgosync.core.directory import Directory
from figgosync.core.tenant import FiggoSettings
from figgosync.errors import CredentialError, PermanentError, Reason, SyncError, TransientError
from figgosync.figgo.changes import ChangeKind, Changes, ChangeStream, StreamMode
from figgosync.sync.credentials import QUICK_PACE, SLOW_PACE, SecretWatch
from figgosync.sync.feed import LOOK_BACK, TROUBLED_PACE, Feed
from figgosync.sync.source import Figgo, Sources, Wish
from support.comes_true import comes_true
from support.memory_cluster import NAMESPACE, MemoryCluster
from syncing import NOW, Clock, a_reading_of, tenant

if TYPE_CHECKING:
    from figgosync.figgo.reader import AbsenceReader

SECRET = "acme-figgo"
ANNE = EmployeeID(1207)
REFUSED = CredentialError(Reason.CREDENTIALS_REFUSED, "Wrong key.", tenant_wide=True)
AWAY = TransientError(Reason.UNREACHABLE, "Away.", tenant_wide=True)
HIDDEN = PermanentError(Reason.LEGAL_ENTITY_NOT_VISIBLE, "Shows nothing.", tenant_wide=True)


def changes(watermark: datetime = NOW) -> Changes:
    return Changes(ChangeKind.POLL, Directory({}, {}), {}, frozenset(), watermark)


class Script:
    """A stream that says what a test tells it to say, one thing after the other."""

    def __init__(self, watermark: datetime | None) -> None:
        self.watermark = watermark
        self.mode = StreamMode.POLLING
        self.degradation = None
        self.last_success: datetime | None = None
        self.acknowledged: list[Changes] = []
        self.sweeps_wanted = 0
        self._says: asyncio.Queue[Changes | Exception] = asyncio.Queue()

    def say(self, what: Changes | Exception) -> None:
        self._says.put_nowait(what)

    async def __anext__(self) -> Changes:
        said = await self._says.get()
        if isinstance(said, Exception):
            raise said
        return said

    def acknowledge(self, handled: Changes) -> None:
        self.acknowledged.append(handled)

    def sweep_soon(self) -> None:
        self.sweeps_wanted += 1


@dataclass
class Opened:
    """One connection as it was opened."""

    host: str
    key: str
    stream: Script
    wishes: Callable[[], Collection[Wish]]
    adjusted: list[Collection[Wish]] = field(default_factory=list)


@dataclass
class World:
    """What is outside: Figgos that are opened, and a cluster with the API key."""

    clock: Clock = field(default_factory=Clock)
    cluster: MemoryCluster = field(default_factory=MemoryCluster)
    opened: list[Opened] = field(default_factory=list)
    reads: list[tuple[date, bool]] = field(default_factory=list)
    forbidden: SyncError | None = None

    def __post_init__(self) -> None:
        self.sources = Sources(self.open, self.clock)
        self.cluster.put_secret(SECRET, apiKey="key-1")

    def open(
        self, settings: FiggoSettings, key: str, wishes: Callable[[], Collection[Wish]]
    ) -> Figgo:
        if self.forbidden is not None:
            raise self.forbidden
        known = [wish.watermark for wish in wishes() if wish.watermark is not None]
        opened = Opened(settings.host, key, Script(min(known, default=None)), wishes)
        self.opened.append(opened)
        return Figgo(
            cast("AbsenceReader", self),
            cast("AbsenceReader", self),
            cast("ChangeStream", opened.stream),
            lambda wished: opened.adjusted.append(list(wished)),
        )

    async def read_owners(
        self, owners: Collection[EmployeeID], since: date, *, names: bool
    ) -> Mapping[EmployeeID, Reading]:
        self.reads.append((since, names))
        return {owner: a_reading_of(owner, since=since.isoformat()) for owner in owners}

    def feed(self, subscriber: "Listener") -> Feed:
        watch = SecretWatch(self.cluster, NAMESPACE, SECRET, "apiKey")
        return Feed(tenant().spec.figgo, watch, self.sources, subscriber)


@dataclass
class Listener:
    """A tenant that notes what it hears."""

    watermark: datetime | None = None
    names: bool = False
    poll: timedelta = timedelta(seconds=20)
    heard: list[Changes] = field(default_factory=list)
    woken: int = 0
    broken: bool = False

    @property
    def wish(self) -> Wish:
        return Wish(frozenset({LegalEntityID(1)}), self.names, self.poll, 30, self.watermark)

    def receive(self, said: Changes) -> None:
        if self.broken:
            raise KeyError("Awa Mercier")
        self.heard.append(said)

    def wake(self) -> None:
        self.woken += 1


@pytest.fixture
async def world() -> AsyncIterator[World]:
    yield World()
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
    await asyncio.sleep(0)


async def hears(listener: Listener, count: int = 1) -> None:
    await comes_true(lambda: len(listener.heard) == count, within=timedelta(seconds=5))


async def fed(world: World, listener: Listener | None = None) -> tuple[Feed, Listener, Script]:
    listener = listener or Listener()
    feed = world.feed(listener)
    await feed.tend(world.clock(), hold_on=False)
    return feed, listener, world.opened[-1].stream


# The source.


async def test_everybody_on_one_figgo_hears_everything(world: World) -> None:
    _, one, stream = await fed(world)
    _, other, _ = await fed(world)
    assert len(world.opened) == 1
    assert stream.sweeps_wanted == 1, "the second one has to hear of everybody"
    stream.say(changes())
    await hears(one)
    await hears(other)
    assert stream.acknowledged == one.heard == other.heard


async def test_a_stream_begins_where_the_tenants_status_says(world: World) -> None:
    _, _, stream = await fed(world, Listener(watermark=NOW - timedelta(days=3)))
    assert stream.watermark == NOW - timedelta(days=3)


async def test_another_key_is_another_source(world: World) -> None:
    await fed(world)
    world.cluster.put_secret(SECRET, apiKey="key-2")
    await fed(world)
    assert [opened.key for opened in world.opened] == ["key-1", "key-2"]


async def test_one_tenant_that_fails_does_not_keep_it_from_the_others(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    _, _, stream = await fed(world, Listener(broken=True))
    _, good, _ = await fed(world)
    stream.say(changes())
    await hears(good)
    await comes_true(lambda: stream.acknowledged)
    assert "Awa" not in caplog.text


async def test_who_left_hears_nothing_and_no_longer_sets_the_pace(world: World) -> None:
    quick, slow = timedelta(seconds=10), timedelta(seconds=60)
    feed, gone, stream = await fed(world, Listener(poll=quick))
    _, stays, _ = await fed(world, Listener(poll=slow))
    await feed.close()
    assert [[w.poll_interval for w in wished] for wished in world.opened[0].adjusted][-1] == [slow]
    stream.say(changes())
    await hears(stays)
    assert gone.heard == []


async def test_a_figgo_that_nobody_hears_is_let_go(world: World) -> None:
    feed, listener, stream = await fed(world)
    await feed.close()
    stream.say(changes())
    await asyncio.sleep(0.01)
    assert listener.heard == []
    await feed.tend(world.clock(), hold_on=False)
    assert len(world.opened) == 2


async def test_trouble_shows_and_passes_with_the_next_success(world: World) -> None:
    feed, listener, stream = await fed(world)
    stream.say(REFUSED)
    await comes_true(lambda: listener.woken)
    assert feed.link.status(world.clock()) is Status.FALSE
    stream.last_success = world.clock.leap(seconds=1)
    assert feed.link.status(world.clock()) is Status.TRUE


async def test_an_old_success_does_not_hide_new_trouble(world: World) -> None:
    feed, listener, stream = await fed(world)
    stream.last_success = NOW
    assert feed.link.status(world.clock()) is Status.TRUE
    world.clock.leap(seconds=1)
    stream.say(REFUSED)
    await comes_true(lambda: listener.woken)
    assert feed.link.reason(world.clock()) is Reason.CREDENTIALS_REFUSED


async def test_a_fault_of_ours_does_not_end_the_reading_and_tells_nothing(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    feed, listener, stream = await fed(world)
    stream.say(KeyError("Awa Mercier"))
    stream.say(changes())
    await hears(listener)
    assert feed.link.reason(world.clock()) is Reason.INTERNAL_ERROR
    assert "Awa" not in caplog.text + str(feed.link.error)


# The feed.


async def test_the_wishes_are_followed_and_only_when_they_change(world: World) -> None:
    feed, listener, _ = await fed(world)
    adjusted = world.opened[0].adjusted
    before = len(adjusted)
    listener.watermark = NOW
    await feed.tend(world.clock(), hold_on=False)
    assert len(adjusted) == before
    listener.names = True
    await feed.tend(world.clock(), hold_on=False)
    assert [wish.names for wish in adjusted[-1]] == [True]


async def test_a_new_key_opens_another_connection(world: World) -> None:
    feed, listener, stream = await fed(world)
    stream.say(REFUSED)
    await comes_true(lambda: listener.woken)
    assert feed.due(world.clock()) == world.clock() + TROUBLED_PACE
    world.cluster.put_secret(SECRET, apiKey="key-2")
    await feed.tend(world.clock.leap(seconds=QUICK_PACE.total_seconds()), hold_on=False)
    assert [opened.key for opened in world.opened] == ["key-1", "key-2"]
    assert feed.link.status(world.clock()) is Status.UNKNOWN
    assert feed.due(world.clock()) is None


@pytest.mark.parametrize("hold_on", [False, True])
async def test_a_refused_key_is_never_held_on_to(world: World, *, hold_on: bool) -> None:
    feed, listener, stream = await fed(world)
    stream.say(REFUSED)
    await comes_true(lambda: listener.woken)
    world.cluster.remove_secret(SECRET)
    await feed.tend(world.clock.leap(seconds=5), hold_on=hold_on)
    assert feed.is_hopeless
    assert feed.link.reason(world.clock()) is Reason.SECRET_NOT_FOUND


async def test_a_good_key_is_held_on_to_when_its_secret_goes(world: World) -> None:
    feed, _, _ = await fed(world)
    world.cluster.remove_secret(SECRET)
    await feed.tend(world.clock.leap(hours=1), hold_on=True)
    assert not feed.is_hopeless
    await feed.tend(world.clock(), hold_on=False)
    assert feed.is_hopeless


@pytest.mark.parametrize("trouble", [AWAY, REFUSED], ids=["away", "our token"])
async def test_trouble_with_the_api_server_does_not_disturb_it(
    world: World, trouble: SyncError
) -> None:
    feed, _, _ = await fed(world)
    world.cluster.trouble = trouble
    await feed.tend(world.clock.leap(seconds=SLOW_PACE.total_seconds()), hold_on=False)
    assert feed.source is not None
    assert feed.link.error is None


async def test_a_host_that_is_not_allowed_is_told(world: World) -> None:
    world.forbidden = PermanentError(Reason.HOST_NOT_ALLOWED, "No.", tenant_wide=True)
    feed = world.feed(Listener())
    await feed.tend(world.clock(), hold_on=False)
    assert feed.link.reason(world.clock()) is Reason.HOST_NOT_ALLOWED
    world.forbidden = None
    await feed.tend(world.clock.leap(seconds=5), hold_on=False)
    assert feed.source is not None


async def test_absences_are_read_thirty_days_back_or_further(world: World) -> None:
    feed, listener, _ = await fed(world)
    usual = (NOW - LOOK_BACK).date()
    await feed.read([ANNE], now=world.clock())
    await feed.read([ANNE], now=world.clock(), since=date(2026, 4, 1))
    listener.names = True
    await feed.read([ANNE], now=world.clock(), since=date(2026, 11, 20))
    assert world.reads == [(usual, False), (date(2026, 4, 1), False), (usual, True)]


async def test_nothing_is_read_over_no_connection(world: World) -> None:
    feed = world.feed(Listener())
    with pytest.raises(TransientError):
        await feed.read([ANNE], now=world.clock())


async def test_a_figgo_that_hides_something_is_believed_nothing(world: World) -> None:
    """A right that is lost raises no error: its lists are only shorter."""
    feed, listener, stream = await fed(world)
    stream.say(HIDDEN)
    await comes_true(lambda: listener.woken)
    with pytest.raises(TransientError) as caught:
        await feed.read([ANNE], now=world.clock())
    assert caught.value.reason is Reason.LEGAL_ENTITY_NOT_VISIBLE
    assert world.reads == []


async def test_settings_of_another_key_need_another_feed(world: World) -> None:
    feed = world.feed(Listener())
    assert feed.serves(tenant({"figgo.pollInterval": "60s"}).spec.figgo)
    assert not feed.serves(tenant({"figgo.apiKeySecretRef": {"name": "other"}}).spec.figgo)
    assert not feed.serves(
        tenant({"figgo.apiKeySecretRef": {"name": "acme-figgo", "key": "k"}}).spec.figgo
    )
