"""What a tenant works with: the way to Figgo, the way to the calendars, and the hands between."""

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime

from figgosync.core.absence import EmployeeID, Reading
from figgosync.kube.resources import Tenant
from figgosync.sync.agenda import Agenda
from figgosync.sync.connections import new_access, new_feed
from figgosync.sync.services import Services
from figgosync.sync.source import Subscriber
from figgosync.sync.work import Outcome
from figgosync.sync.worker import Worker


class Premises:
    """Of one tenant; renewed where they were made for other wishes than the present ones."""

    def __init__(
        self,
        tenant: Tenant,
        services: Services,
        agenda: Agenda,
        subscriber: Subscriber,
        done: Callable[[Outcome], None],
    ) -> None:
        self._services = services
        self._agenda = agenda
        self._subscriber = subscriber
        self._done = done
        self.feed = new_feed(tenant, services, subscriber)
        self.access = new_access(tenant, services)
        self.worker = self._new_worker()

    async def follow(self, tenant: Tenant) -> bool:
        """Renew what was made for other wishes; tell whether the calendars are others now."""
        spec, before = tenant.spec, self.access.settings
        if not self.feed.serves(spec.figgo):
            await self.feed.close()
            self.feed = new_feed(tenant, self._services, self._subscriber)
        if self.access.settings != spec.exchange:
            await self.worker.stop()
            await self.access.close()
            self.access = new_access(tenant, self._services)
            self.worker = self._new_worker()
        return before.server_url != spec.exchange.server_url

    @property
    def is_hopeless(self) -> bool:
        """Whether one side has no credentials, and no connection that still has some."""
        return self.feed.is_hopeless or self.access.is_hopeless

    async def read(
        self, owners: Collection[EmployeeID], since: date | None
    ) -> Mapping[EmployeeID, Reading]:
        """Read the absences of some employees, at least from `since` on. Raises SyncError."""
        return await self.feed.read(owners, now=self._services.now(), since=since)

    async def reread(self, owner: EmployeeID, since: date) -> Reading:
        """Read one employee's absences, from an earlier day on. Raises SyncError."""
        return (await self.read([owner], since))[owner]

    def hurry(self) -> None:
        """Look at once: somebody asks for it, or says that the trouble is over."""
        self.access.link.hurry()
        if self.feed.source is not None:
            self.feed.source.stream.wake()

    def due(self, now: datetime) -> list[datetime | None]:
        """Return when which of them wants to be looked after."""
        waiting = self.access.is_open(now) and not self.worker.is_full
        next_due = self._agenda.next_due() if waiting else None
        return [self.access.due(now), self.feed.due(now), next_due]

    async def close(self) -> None:
        """Give up what is under way and let go of both connections."""
        await self.worker.stop()
        await self.feed.close()
        await self.access.close()

    def _new_worker(self) -> Worker:
        return Worker(
            self._agenda,
            self.access,
            concurrency=self._services.concurrency,
            now=self._services.now,
            done=self._done,
            wake=self._subscriber.wake,
        )
