"""Events on a real API server: accepted, aggregated, and never in the way."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from kubernetes.client import Configuration

from figgosync.kube.api import ApiServer, Limits
from figgosync.kube.events import EventRecorder, EventType, Occurrence, Subject
from figgosync.kube.initialisations import parse_initialisation_object
from figgosync.kube.resources import parse_tenant
from support.cluster import Cluster
from support.eventually import eventually
from support.initialisations import an_initialisation
from support.loopback import loopback, silent
from support.tenants import a_tenant


class Clock:
    """A clock that stands still until it is moved; at a whole second, the worst case."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: int) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def recorder(api: ApiServer, clock: Clock) -> AsyncIterator[EventRecorder]:
    recorder = EventRecorder(api, "figgosync-0", clock)
    running = asyncio.create_task(recorder.run())
    yield recorder
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


@pytest.fixture
def refused(cluster: Cluster) -> Occurrence:
    """Something that happened to a tenant that exists."""
    tenant = parse_tenant(cluster.create(a_tenant()))
    return Occurrence(
        subject=Subject.of_tenant(tenant),
        type=EventType.WARNING,
        reason="CredentialsRefused",
        action="Connect",
        note="Exchange refused the login.",
    )


def _events(cluster: Cluster) -> list[dict[str, Any]]:
    answer = cluster.kubectl("get", "events.events.k8s.io", "--output=json")
    events: list[dict[str, Any]] = json.loads(answer)["items"]
    return sorted(events, key=lambda event: event["eventTime"])


async def test_an_event_says_who_saw_what_about_which_object(
    recorder: EventRecorder, cluster: Cluster, refused: Occurrence
) -> None:
    recorder.record(refused)
    await recorder.flush()
    (event,) = _events(cluster)
    assert event["type"] == "Warning"
    assert (event["reason"], event["action"]) == ("CredentialsRefused", "Connect")
    assert event["note"] == "Exchange refused the login."
    assert event["reportingController"] == "figgosync.io/operator"
    assert event["reportingInstance"] == "figgosync-0"
    assert event["eventTime"] == "2026-11-24T12:00:00.000000Z"
    assert event["regarding"] == {
        "apiVersion": "figgosync.io/v1alpha1",
        "kind": "CalendarSyncTenant",
        "namespace": cluster.namespace,
        "name": "acme",
        "uid": refused.subject.uid,
    }
    assert "series" not in event


async def test_an_event_about_an_initialisation_is_described_below_it(
    recorder: EventRecorder, cluster: Cluster, refused: Occurrence
) -> None:
    run = parse_initialisation_object(cluster.create(an_initialisation()))
    subject = Subject.of_initialisation(run)
    recorder.record(replace(refused, subject=subject, note="It came to its end."))
    await recorder.flush()
    assert "It came to its end." in cluster.kubectl("describe", "syncinit", "backfill")
    assert "It came to its end." not in cluster.kubectl("describe", "cst", "acme")


async def test_a_repetition_is_counted_and_kubectl_shows_it(
    recorder: EventRecorder, cluster: Cluster, clock: Clock, refused: Occurrence
) -> None:
    recorder.record(refused)
    clock.move(minutes=9)
    recorder.record(refused)
    await recorder.flush()
    (event,) = _events(cluster)
    assert event["series"] == {"count": 2, "lastObservedTime": "2026-11-24T12:09:00.000000Z"}
    described = cluster.kubectl("describe", "cst", "acme")
    assert "(x2 over" in described
    assert "Exchange refused the login." in described


async def test_each_repetition_keeps_the_series_alive(
    recorder: EventRecorder, cluster: Cluster, clock: Clock, refused: Occurrence
) -> None:
    for _ in range(4):
        recorder.record(refused)
        clock.move(minutes=9)
    await recorder.flush()
    (event,) = _events(cluster)
    assert event["series"]["count"] == 4


async def test_what_happens_again_much_later_is_a_new_event(
    recorder: EventRecorder, cluster: Cluster, clock: Clock, refused: Occurrence
) -> None:
    recorder.record(refused)
    clock.move(minutes=10, seconds=1)
    recorder.record(refused)
    await recorder.flush()
    assert ["series" in event for event in _events(cluster)] == [False, False]


async def test_what_differs_is_not_counted_together(
    recorder: EventRecorder, cluster: Cluster, refused: Occurrence
) -> None:
    recorder.record(refused)
    recorder.record(replace(refused, note="Exchange refused the login again."))
    recorder.record(replace(refused, reason="Unreachable"))
    recorder.record(replace(refused, type=EventType.NORMAL))
    await recorder.flush()
    assert len(_events(cluster)) == 4


async def test_a_storm_is_written_rarely_and_its_count_catches_up(
    recorder: EventRecorder, cluster: Cluster, clock: Clock, refused: Occurrence
) -> None:
    for _ in range(20):
        recorder.record(refused)
        clock.move(seconds=1)
    await recorder.flush()
    (event,) = _events(cluster)
    assert event["series"]["count"] == 2
    clock.move(seconds=30)
    recorder.record(refused)
    await recorder.flush()
    (event,) = _events(cluster)
    assert event["series"]["count"] == 21


async def test_an_event_that_was_deleted_is_written_anew(
    recorder: EventRecorder, cluster: Cluster, clock: Clock, refused: Occurrence
) -> None:
    recorder.record(refused)
    await recorder.flush()
    cluster.kubectl("delete", "events.events.k8s.io", "--all")
    clock.move(minutes=1)
    recorder.record(refused)
    await recorder.flush()
    (event,) = _events(cluster)
    assert event["eventTime"] == "2026-11-24T12:01:00.000000Z"


async def test_an_event_whose_answer_was_lost_is_not_written_twice(
    recorder: EventRecorder, api: ApiServer, cluster: Cluster, clock: Clock, refused: Occurrence
) -> None:
    recorder.record(refused)
    await recorder.flush()
    forgetful = EventRecorder(api, "figgosync-0", clock)
    running = asyncio.create_task(forgetful.run())
    forgetful.record(refused)
    await forgetful.flush()
    running.cancel()
    assert len(_events(cluster)) == 1


async def test_texts_that_are_too_long_are_cut_to_what_the_server_takes(
    recorder: EventRecorder, cluster: Cluster, refused: Occurrence
) -> None:
    recorder.record(replace(refused, note="é" * 2000, reason="R" * 200, action="A" * 200))
    await recorder.flush()
    (event,) = _events(cluster)
    assert event["note"] == "é" * 512
    assert (event["reason"], event["action"]) == ("R" * 128, "A" * 128)


async def test_a_refused_event_is_dropped_with_a_line_in_the_log_and_the_next_is_written(
    recorder: EventRecorder,
    cluster: Cluster,
    refused: Occurrence,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING, "figgosync.kube.events"):
        recorder.record(replace(refused, reason=""))
        recorder.record(refused)
        await recorder.flush()
    (line,) = caplog.messages
    assert line.startswith("An Event was dropped: The Kubernetes API server refused")
    assert refused.note not in line
    assert [event["reason"] for event in _events(cluster)] == ["CredentialsRefused"]


async def test_in_a_namespace_that_is_going_events_are_dropped(
    recorder: EventRecorder,
    cluster: Cluster,
    refused: Occurrence,
    caplog: pytest.LogCaptureFixture,
) -> None:
    cluster.kubectl("delete", "namespace", cluster.namespace, "--wait=false")

    def going() -> bool:
        namespace = cluster.kubectl("get", "namespace", cluster.namespace, "--output=json")
        return bool(json.loads(namespace)["status"]["phase"] == "Terminating")

    assert eventually(going, within=timedelta(seconds=10))
    with caplog.at_level(logging.WARNING, "figgosync.kube.events"):
        recorder.record(refused)
        await recorder.flush()
    (line,) = caplog.messages
    assert "being terminated" in line


@pytest.fixture
def bottomless() -> Iterator[int]:
    """The port of a server that never answers."""
    with loopback(silent) as server:
        yield server.port


async def test_recording_never_waits_and_what_is_too_much_is_dropped(
    bottomless: int, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    configuration = Configuration()
    configuration.host = f"http://127.0.0.1:{bottomless}"
    short = timedelta(milliseconds=200)
    api = ApiServer(configuration, Limits(short, short, short))
    recorder = EventRecorder(api, "figgosync-0", clock)
    running = asyncio.create_task(recorder.run())
    about = Subject("CalendarSyncTenant", "hr", "acme", "1")
    with caplog.at_level(logging.WARNING, "figgosync.kube.events"):
        for number in range(300):
            recorder.record(Occurrence(about, EventType.NORMAL, "R", "A", str(number)))
    running.cancel()
    await api.close()
    assert caplog.messages == ["An Event was dropped: 256 others wait to be written."] * 44
