"""Single requests to the API server, over the official client and off the event loop.

The client's own methods for each resource are not used: they turn answers into large objects
that nobody here needs, and send a merge patch wherever the content type is not insisted upon.
What is used of it is what must not be written twice: finding the server, proving who we are
(a mounted token is read again as it is renewed) and TLS.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self

from kubernetes.client import ApiClient, Configuration
from kubernetes.client.exceptions import ApiException
from kubernetes.config import ConfigException, load_incluster_config, load_kube_config
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ReadTimeoutError,
    SSLError,
)

from figgosync.errors import Reason, SyncError, TransientError
from figgosync.kube.answers import Answer
from figgosync.kube.lines import Line, make_cuttable

_THREADS = 4

LONGEST_WAIT = timedelta(hours=1)
"""A Retry-After beyond this is taken for a mistake."""


class PatchType(StrEnum):
    """How a patch is to be understood; the value is its content type."""

    APPLY = "application/apply-patch+yaml"
    MERGE = "application/merge-patch+json"
    JSON = "application/json-patch+json"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a request may take.

    `connect` for reaching the server, `read` for each silence, `total` for all of it, the wait
    for a free thread included: shorter than a pod's grace period.
    """

    connect: timedelta = timedelta(seconds=3)
    read: timedelta = timedelta(seconds=10)
    total: timedelta = timedelta(seconds=15)


class ApiServer:
    """The API server, as one identity sees it. Used by one event loop; ended by `close`.

    Every HTTP answer is returned, whatever its status; what is raised is SyncErrors alone, when
    there is no answer. A write whose answer was lost may have happened. `refused` is set by every
    answer that a right is missing.
    """

    def __init__(self, configuration: Configuration, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self.refused = asyncio.Event()
        # One try for each request: who asked decides what is tried again. urllib3's own three
        # would make every limit four times as long (measured: 8 s where 2 s were asked for).
        configuration.retries = False
        configuration.connection_pool_maxsize = _THREADS
        # Without it a connection that a load balancer forgot looks alive for ever.
        configuration.keep_alive = True
        self._client = ApiClient(configuration)
        self._client.user_agent = "figgosync"
        make_cuttable(self._client.rest_client.pool_manager)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="kube")

    @classmethod
    def in_cluster(cls, limits: Limits | None = None) -> Self:
        """Connect as the ServiceAccount of the pod; raises ConfigException outside of one."""
        configuration = _without_proxy()
        load_incluster_config(client_configuration=configuration)
        return cls(configuration, limits)

    @classmethod
    def from_kubeconfig(cls, path: Path, limits: Limits | None = None) -> Self:
        """Connect as a kubeconfig's current context says; raises ConfigException."""
        configuration = _without_proxy()
        load_kube_config(
            config_file=str(path), client_configuration=configuration, persist_config=False
        )
        return cls(configuration, limits)

    async def get(self, path: str, query: Mapping[str, str] | None = None) -> Answer:
        """Read a resource or a list."""
        return await self._bounded("GET", path, query or {}, {}, None)

    async def post(self, path: str, body: Mapping[str, Any]) -> Answer:
        """Create a resource."""
        return await self._bounded("POST", path, {}, {"Content-Type": "application/json"}, body)

    async def patch(
        self,
        path: str,
        kind: PatchType,
        body: Mapping[str, Any] | Sequence[Mapping[str, Any]],
        query: Mapping[str, str] | None = None,
    ) -> Answer:
        """Change a resource."""
        return await self._bounded("PATCH", path, query or {}, {"Content-Type": kind.value}, body)

    async def delete(self, path: str, options: Mapping[str, Any]) -> Answer:
        """Delete a resource; `options` are the API server's DeleteOptions."""
        return await self._bounded(
            "DELETE", path, {}, {"Content-Type": "application/json"}, options
        )

    async def close(self) -> None:
        """Let go of connections and threads; a call still in flight ends within its limit."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._client.close()

    async def _bounded(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        body: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None,
    ) -> Answer:
        line = Line()
        loop = asyncio.get_running_loop()
        total = self._limits.total.total_seconds()
        try:
            async with asyncio.timeout(total):
                answer = await loop.run_in_executor(
                    self._threads, self._send, method, path, query, headers, body, line
                )
        except TimeoutError:
            raise _unreachable(f"did not finish its answer within {total:g} s") from None
        finally:
            line.cut()
        if answer.status == HTTPStatus.FORBIDDEN:
            self.refused.set()
        return answer

    def _send(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        body: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None,
        line: Line,
    ) -> Answer:
        try:
            with line:
                request = self._client.param_serialize(
                    method,
                    path,
                    query_params=list(query.items()),
                    header_params={"Accept": "application/json", **headers},
                    body=body,
                    auth_settings=["BearerToken"],
                )
                limits = (self._limits.connect.total_seconds(), self._limits.read.total_seconds())
                response = self._client.call_api(*request, _request_timeout=limits)
                data = response.read()
        except (ApiException, ConfigException, HTTPError, OSError) as error:
            raise _lost(error) from error
        return _answer(response.status, data, response.getheader("Retry-After"))


def _without_proxy() -> Configuration:
    """Return a configuration that takes nothing from the environment."""
    configuration = Configuration()
    configuration.proxy = None
    return configuration


def _answer(status: int, data: bytes, retry_after: str | None) -> Answer:
    try:
        body = json.loads(data)
    except ValueError:
        body = None
    return Answer(
        status=status,
        body=body if isinstance(body, dict) else None,
        retry_after=None if retry_after is None else _wait(retry_after),
    )


def _wait(retry_after: str) -> timedelta | None:
    """Read a number of seconds; None for anything else, such as a date."""
    if not retry_after.isdecimal():
        return None
    # Nine digits are read and no more: of thousands Python makes no number, and no timedelta.
    return min(timedelta(seconds=int(retry_after[:9])), LONGEST_WAIT)


def _lost(error: Exception) -> SyncError:
    match error:
        case SSLError() | ApiException():  # the client's name for an SSLError
            return TransientError(
                Reason.TLS_FAILED,
                "The certificate of the Kubernetes API server is not trusted, or TLS failed.",
                tenant_wide=True,
            )
        # A refused connection: to urllib3 a kind of time-out, to people another matter.
        case NewConnectionError():
            return _unreachable("cannot be reached")
        case ConnectTimeoutError():
            return _unreachable("could not be reached in time")
        case ReadTimeoutError():
            return _unreachable("fell silent")
        case ConfigException():
            return _unreachable("cannot be asked, because the token of the pod cannot be read")
        case _:
            return _unreachable(f"broke off ({type(error).__name__})")


def _unreachable(what: str) -> TransientError:
    return TransientError(
        Reason.UNREACHABLE,
        f"The Kubernetes API server {what}.",
        tenant_wide=True,
        retry_after=timedelta(seconds=5),
    )
