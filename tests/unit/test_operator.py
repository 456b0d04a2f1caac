"""The operator's life, with everything around it in memory."""

import asyncio
import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

import pytest

from figgosync.controller import preflight
from figgosync.controller.heartbeat import Heartbeat
from figgosync.controller.informer import Informer
from figgosync.controller.operator import Operator, Parts
from figgosync.controller.supervisor import Supervisor
from figgosync.errors import PermanentError, Reason
from figgosync.kube.preconditions import Notice
from figgosync.metrics import Metrics
from support.comes_true import comes_true


@dataclass
class Surroundings:
    """A cluster, a supervisor, a recorder and an informer in one; says what was done with it."""

    done: list[str] = field(default_factory=list)
    crds: bool = True
    recorder_fault: Exception | None = None
    watch_ended: Callable[[], None] = print
    synced: bool = True
    is_stuck: bool = False
    doubt: asyncio.Event = field(default_factory=asyncio.Event)

    async def check(self) -> Sequence[Notice]:
        if not self.crds:
            raise PermanentError(Reason.CRD_OUTDATED, "kubectl apply -f crds/")
        return ()

    async def run(self) -> None:
        if self.recorder_fault is not None:
            raise self.recorder_fault
        await asyncio.Event().wait()

    compare = run

    def start(self) -> None:
        self.done.append("watch")

    async def stop(self, within: float = 0) -> None:
        self.done.append("watch stopped" if within else "tenants stopped")

    async def close(self) -> None:
        self.done.append("closed")

    def operator(self) -> Operator:
        def new_informer(ended: Callable[[], None]) -> Informer:
            self.watch_ended = ended
            return cast("Any", self)

        supervisor = cast("Supervisor", self)
        metrics = Metrics("1", "default")
        parts = Parts(
            self,
            supervisor,
            metrics,
            Heartbeat(metrics.loop_late.inc),
            self,
            new_informer,
            self.close,
        )
        return Operator(parts, port=0)


@pytest.fixture
def around() -> Surroundings:
    return Surroundings()


async def test_it_ends_in_order_when_it_is_told_to(around: Surroundings) -> None:
    running = asyncio.create_task(around.operator().run())
    await comes_true(lambda: "watch" in around.done)
    os.kill(os.getpid(), signal.SIGTERM)
    assert await running == 0
    assert around.done == ["watch", "watch stopped", "tenants stopped", "closed"]


async def test_it_ends_with_a_failure_when_the_watch_does(around: Surroundings) -> None:
    running = asyncio.create_task(around.operator().run())
    await comes_true(lambda: "watch" in around.done)
    around.watch_ended()
    assert await running == 1


async def test_it_ends_with_a_failure_when_its_background_work_does(around: Surroundings) -> None:
    around.recorder_fault = ValueError("Jeanne Martin")
    running = asyncio.create_task(around.operator().run())
    assert await running == 1
    assert "closed" in around.done


async def test_it_watches_nothing_while_the_crds_are_missing(around: Surroundings) -> None:
    around.crds = False
    running = asyncio.create_task(around.operator().run())
    await asyncio.sleep(0.05)
    os.kill(os.getpid(), signal.SIGTERM)
    assert await running == 0
    assert "watch" not in around.done


async def test_it_needs_a_restart_only_where_something_hangs(
    around: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preflight, "SHORTEST_INTERVAL", timedelta(milliseconds=5))
    operator = around.operator()
    running = asyncio.create_task(operator.run())
    await comes_true(lambda: "watch" in around.done)
    assert operator._alive() is None  # noqa: SLF001 - what /healthz asks
    around.is_stuck = True
    assert operator._alive() is not None  # noqa: SLF001 - what /healthz asks
    around.is_stuck = False
    around.crds = False
    around.doubt.set()
    await comes_true(lambda: operator._ready() == "kubectl apply -f crds/")  # noqa: SLF001 - what /readyz asks
    assert operator._alive() is None, "a missing definition is not"  # noqa: SLF001 - as above
    os.kill(os.getpid(), signal.SIGTERM)
    assert await running == 0


async def test_before_it_ends_with_a_failure_it_says_what_lacks(
    around: Surroundings, caplog: pytest.LogCaptureFixture
) -> None:
    running = asyncio.create_task(around.operator().run())
    await comes_true(lambda: "watch" in around.done)
    around.crds = False
    around.watch_ended()
    assert await running == 1
    said = [record.getMessage() for record in caplog.records]
    assert "not ready: kubectl apply -f crds/" in said
