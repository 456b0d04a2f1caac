"""An administrator's desk: a tenant in a cluster, its simulated Figgo, the command between them."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from figgo_world import World, figgo_world
from figgosync.core.tenant import FiggoSettings
from figgosync.discovery.command import Discovery, Outcome, Output, Request
from figgosync.figgo.limits import TokenBucket
from figgosync.figgo.patience import PatientTransport
from figgosync.figgo.transport import Transport
from figgosync_sim.company import PARIS, REUNION
from figgosync_sim.figgo import DEFAULT_KEY, Readings
from figgosync_sim.organisation import Company
from support.memory_cluster import MemoryCluster
from support.tenants import a_tenant


@dataclass(slots=True)
class Desk:
    """The command as it is typed: `json` and `text` are for answers, `refusal` for sentences."""

    world: World
    cluster: MemoryCluster = field(default_factory=MemoryCluster)

    def create_tenant(self, changes: Mapping[str, object] | None = None) -> None:
        spec = {"figgo.url": self.world.figgo.url, "legalEntities": [PARIS, REUNION]}
        self.cluster.create(a_tenant({**spec, **(changes or {})}))

    def connect(self, figgo: FiggoSettings, key: str) -> PatientTransport:
        bucket = TokenBucket(figgo.requests_per_minute, timer=self.world.timer)
        return PatientTransport(Transport(figgo.url, key, self.world.session, bucket))

    async def ask(self, output: Output = Output.JSON, namespace: str | None = "hr") -> Outcome:
        page = self.world.page_size
        discovery = Discovery(self.cluster, self.connect, self.world.now, page_size=page)
        return await discovery.outcome(Request("acme", namespace, output))

    async def json(self) -> dict[str, Any]:
        outcome = await self.ask()
        assert (outcome.code, outcome.err) == (0, "")
        document: dict[str, Any] = json.loads(outcome.out)
        return document

    async def text(self) -> str:
        outcome = await self.ask(Output.TEXT)
        assert (outcome.code, outcome.err) == (0, "")
        return outcome.out

    async def refusal(self, namespace: str | None = "hr") -> str:
        outcome = await self.ask(namespace=namespace)
        assert (outcome.code, outcome.out) == (1, "")
        assert outcome.err.startswith("figgosync: ")
        assert outcome.err.endswith(".\n")
        assert outcome.err.count("\n") == 1
        return outcome.err.removeprefix("figgosync: ").strip()

    def ago(self, **ago: float) -> datetime:
        """Return a moment in the near past."""
        return self.world.timer.now() - timedelta(**ago)


@asynccontextmanager
async def a_desk(
    readings: Readings | None = None,
    *,
    company: Company | None = None,
    page: int | None = None,
    allowance: int | None = 50,
    **spec: object,
) -> AsyncIterator[Desk]:
    """Serve a Figgo, and create a tenant for it; `spec` has dots written as `__`."""
    async with figgo_world(readings, company=company, page=page, allowance=allowance) as world:
        desk = Desk(world)
        desk.cluster.put_secret("acme-figgo", apiKey=DEFAULT_KEY)
        desk.create_tenant({name.replace("__", "."): value for name, value in spec.items()})
        yield desk
