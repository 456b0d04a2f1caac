"""Kubernetes Events: the notes that `kubectl describe` shows below an object.

Our own recorder, because kopf's never aggregates. The rules are those of the API server's
validation of events.k8s.io/v1 (tried on 1.37): `action` is required, times need microseconds,
`type` is Normal or Warning, texts are limited in bytes.
"""

import asyncio
import hashlib
import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from figgosync.errors import SyncError
from figgosync.kube.answers import error_for
from figgosync.kube.api import ApiServer, PatchType
from figgosync.kube.initialisations import InitialisationObject
from figgosync.kube.names import (
    API_VERSION,
    INITIALISATION_KIND,
    REPORTING_CONTROLLER,
    TENANT_KIND,
)
from figgosync.kube.resources import TenantObject

_log = logging.getLogger(__name__)

SERIES_WINDOW = timedelta(minutes=10)
"""What repeats within this time of its last occurrence is counted, not written anew."""

PATCH_GAP = timedelta(seconds=30)
"""A series is written at most this often after its first repetition; the count catches up."""

_WAITING = 256
_REMEMBERED = 1024
_NOTE_BYTES = 1024
_WORD_BYTES = 128
_NAME_BYTES = 200


class EventType(StrEnum):
    """The two that Kubernetes knows."""

    NORMAL = "Normal"
    WARNING = "Warning"


@dataclass(frozen=True, slots=True)
class Subject:
    """The object that an Event is about."""

    kind: str
    namespace: str
    name: str
    uid: str

    @classmethod
    def of_tenant(cls, tenant: TenantObject) -> "Subject":
        """Return the tenant as a subject."""
        return cls(TENANT_KIND, tenant.name.namespace, tenant.name.name, tenant.uid)

    @classmethod
    def of_initialisation(cls, initialisation: InitialisationObject) -> "Subject":
        """Return the initialisation as a subject."""
        name = initialisation.name
        return cls(INITIALISATION_KIND, name.namespace, name.name, initialisation.uid)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Something that happened; two are the same when all of this is equal.

    `action` (a verb in CamelCase, such as Synchronise) says what was being done, `reason` (also
    CamelCase) why the Event was written, `note` what happened, for people.
    """

    subject: Subject
    type: EventType
    reason: str
    action: str
    note: str


@dataclass(frozen=True, slots=True)
class _Series:
    event: str
    count: int
    last: datetime
    written: datetime


class EventRecorder:
    """Writes Events in the background; the sync never waits for one and never fails by one.

    `instance` is the pod's name. `record` is cheap and never raises; `run` does the writing and
    is cancelled to stop it. What cannot be written is dropped, with a line in the log. All that
    is kept in memory is bounded.
    """

    def __init__(self, api: ApiServer, instance: str, now: Callable[[], datetime]) -> None:
        self._api = api
        self._instance = _cut(instance, _WORD_BYTES)
        self._now = now
        self._waiting: asyncio.Queue[tuple[Occurrence, datetime]] = asyncio.Queue(_WAITING)
        self._series: OrderedDict[Occurrence, _Series] = OrderedDict()

    def record(self, occurrence: Occurrence) -> None:
        """Have this written soon."""
        shortened = replace(
            occurrence,
            reason=_cut(occurrence.reason, _WORD_BYTES),
            action=_cut(occurrence.action, _WORD_BYTES),
            note=_cut(occurrence.note, _NOTE_BYTES),
        )
        try:
            self._waiting.put_nowait((shortened, self._now()))
        except asyncio.QueueFull:
            _log.warning("An Event was dropped: %d others wait to be written.", _WAITING)

    async def run(self) -> None:
        """Write what was recorded, until cancelled."""
        while True:
            occurrence, at = await self._waiting.get()
            try:
                await self._write(occurrence, at)
            except SyncError as error:
                _log.warning("An Event was dropped: %s", error.message)
            finally:
                self._waiting.task_done()

    async def flush(self) -> None:
        """Return when all that was recorded so far is written or dropped; `run` must be running."""
        await self._waiting.join()

    async def _write(self, occurrence: Occurrence, at: datetime) -> None:
        series = self._series.get(occurrence)
        if series is not None and at - series.last <= SERIES_WINDOW:
            await self._count(occurrence, series, at)
        else:
            await self._create(occurrence, at)

    async def _create(self, occurrence: Occurrence, at: datetime) -> None:
        self._series.pop(occurrence, None)
        event = self._body(occurrence, at)
        answer = await self._api.post(_events(occurrence.subject.namespace), event)
        # The name says what happened and when: one that exists is ours, from a lost answer.
        if answer.status not in (HTTPStatus.CREATED, HTTPStatus.CONFLICT):
            raise error_for(answer, "write Events")
        self._remember(occurrence, _Series(event["metadata"]["name"], 1, at, at))

    async def _count(self, occurrence: Occurrence, series: _Series, at: datetime) -> None:
        counted = replace(series, count=series.count + 1, last=at)
        self._remember(occurrence, counted)
        if series.count > 1 and at - series.written < PATCH_GAP:
            return
        body = {"series": {"count": counted.count, "lastObservedTime": _micro_time(at)}}
        path = f"{_events(occurrence.subject.namespace)}/{series.event}"
        answer = await self._api.patch(path, PatchType.MERGE, body)
        if answer.status == HTTPStatus.NOT_FOUND:  # Events live for an hour, or less
            await self._create(occurrence, at)
        elif answer.status != HTTPStatus.OK:
            raise error_for(answer, "write Events")
        else:
            self._remember(occurrence, replace(counted, written=at))

    def _remember(self, occurrence: Occurrence, series: _Series) -> None:
        self._series[occurrence] = series
        self._series.move_to_end(occurrence)
        if len(self._series) > _REMEMBERED:
            self._series.popitem(last=False)

    def _body(self, occurrence: Occurrence, at: datetime) -> Mapping[str, Any]:
        subject = occurrence.subject
        return {
            "apiVersion": "events.k8s.io/v1",
            "kind": "Event",
            "metadata": {"name": _name(occurrence, at), "namespace": subject.namespace},
            "eventTime": _micro_time(at),
            "reportingController": REPORTING_CONTROLLER,
            "reportingInstance": self._instance,
            "action": occurrence.action,
            "reason": occurrence.reason,
            "regarding": {
                "apiVersion": API_VERSION,
                "kind": subject.kind,
                "namespace": subject.namespace,
                "name": subject.name,
                "uid": subject.uid,
            },
            "note": occurrence.note,
            "type": occurrence.type.value,
        }


def _events(namespace: str) -> str:
    return f"/apis/events.k8s.io/v1/namespaces/{namespace}/events"


def _name(occurrence: Occurrence, at: datetime) -> str:
    """Name an Event after what happened and when, so that writing it twice makes one."""
    digest = hashlib.sha256(repr((occurrence, at)).encode())
    return f"{occurrence.subject.name[:_NAME_BYTES]}.{digest.hexdigest()[:16]}"


def _micro_time(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _cut(text: str, most: int) -> str:
    """Cut to so many bytes of UTF-8, never inside a character."""
    return text.encode()[:most].decode(errors="ignore")
