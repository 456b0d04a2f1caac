"""The command `figgosync discover`: from a tenant's name to what is printed about its Figgo."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Protocol, TypeVar, assert_never

from figgosync.core.tenant import FiggoSettings, TenantName
from figgosync.discovery.document import as_json
from figgosync.discovery.report import Effort, Report, report_of
from figgosync.discovery.text import as_text
from figgosync.errors import Reason, SyncError, TransientError
from figgosync.figgo.client import FiggoClient
from figgosync.figgo.paging import PAGE_SIZE
from figgosync.figgo.patience import PatientTransport
from figgosync.figgo.survey import Survey
from figgosync.kube.credentials import Secret
from figgosync.kube.resources import parse_tenant
from figgosync.logs import origin

T = TypeVar("T")

REFUSED = 1
"""Exit code: something outside is missing, refuses, or cannot be reached."""


class Output(StrEnum):
    """How the report is printed."""

    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Request:
    """What was typed; without a namespace the tenant is looked for by its name alone."""

    tenant: str
    namespace: str | None
    output: Output


@dataclass(frozen=True, slots=True)
class Outcome:
    """What to print on standard output and standard error, and the exit code."""

    code: int
    out: str = ""
    err: str = ""


class Cluster(Protocol):
    """Where tenants and Secrets are read."""

    async def list_tenants(self, namespace: str | None = None) -> Sequence[Mapping[str, Any]]:
        """Return all tenants of a namespace, or of all. Raises SyncError."""

    async def get_tenant(self, name: TenantName) -> Mapping[str, Any] | None:
        """Return a tenant, None where there is none. Raises SyncError."""

    async def secret(self, namespace: str, name: str) -> Secret:
        """Return a labelled Secret. Raises SyncError."""


Connect = Callable[[FiggoSettings, str], PatientTransport]
"""Makes the way to a Figgo with a key; raises SyncError for a host that is not allowed."""


class _RefusedError(Exception):
    """The sentence that ends the command."""


class Discovery:
    """Reads tenants of a cluster, and asks their Figgos.

    `namespaces` are those of the installation, none for the whole cluster. `personal` is whether
    the cluster is asked by a person with a kubeconfig, and not by the operator's ServiceAccount.
    """

    def __init__(
        self,
        cluster: Cluster,
        connect: Connect,
        now: Callable[[], datetime],
        *,
        namespaces: Sequence[str] = (),
        personal: bool = False,
        page_size: int = PAGE_SIZE,
    ) -> None:
        self._cluster = cluster
        self._connect = connect
        self._now = now
        self._namespaces = namespaces
        self._personal = personal
        self._page_size = page_size

    async def outcome(self, request: Request) -> Outcome:
        """Answer a request; never raises."""
        try:
            report = await self._report(request)
        except _RefusedError as refusal:
            return _failed(str(refusal))
        except SyncError as error:
            return _failed(_sentence(error))
        except Exception as error:  # noqa: BLE001 - its text may hold names, a traceback its values
            return _failed(f"a fault of its own ({origin(error)}). Please report it.")
        return Outcome(0, _printed(report, request.output))

    async def _report(self, request: Request) -> Report:
        body = await self._body(request)
        tenant = parse_tenant(body)
        figgo = tenant.spec.figgo
        namespace = tenant.name.namespace
        secret = await self._asked(self._cluster.secret(namespace, figgo.api_key_secret))
        transport = self._connect(figgo, secret.text(figgo.api_key_field))
        survey = Survey(FiggoClient(transport, self._page_size), self._now)
        found = await survey.findings(tenant.spec.legal_entities)
        effort = Effort(transport.requests, figgo.requests_per_minute)
        today = self._now().astimezone(UTC).date()
        return report_of(tenant.name, tenant.spec, found, effort, today)

    async def _body(self, request: Request) -> Mapping[str, Any]:
        if request.namespace is not None:
            name = TenantName(request.namespace, request.tenant)
            body = await self._asked(self._cluster.get_tenant(name))
            if body is None:
                raise _RefusedError(
                    f"There is no CalendarSyncTenant {name.name} in namespace {name.namespace}."
                    " `kubectl get calendarsynctenants --all-namespaces` lists all of them."
                )
            return body
        listed = [
            body
            for namespace in self._namespaces or (None,)
            for body in await self._asked(self._cluster.list_tenants(namespace))
            if body["metadata"]["name"] == request.tenant
        ]
        if len(listed) == 1:
            return listed[0]
        raise _RefusedError(_which(request.tenant, listed))

    async def _asked(self, question: Awaitable[T]) -> T:
        """Ask the cluster; to a person, refusals are told as such."""
        try:
            return await question
        except SyncError as error:
            if self._personal and (said := _to_a_person(error)):
                raise _RefusedError(said) from None
            raise


def _which(name: str, listed: Sequence[Mapping[str, Any]]) -> str:
    if not listed:
        return (
            f"No CalendarSyncTenant is called {name}."
            " `kubectl get calendarsynctenants --all-namespaces` lists all of them."
        )
    places = ", ".join(sorted(body["metadata"]["namespace"] for body in listed))
    return f"There is a CalendarSyncTenant {name} in each of {places}: say which by --namespace."


def _to_a_person(error: SyncError) -> str | None:
    match error.reason:
        case Reason.REQUEST_REFUSED:
            return (
                "The user of KUBECONFIG lacks a right that this takes: get"
                " calendarsynctenants.figgosync.io (without --namespace: list, in all namespaces)"
                " and get secrets in the tenant's namespace. Use one who has them, or run this in"
                " the operator's pod."
            )
        case Reason.CREDENTIALS_REFUSED:
            return (
                "The Kubernetes API server does not accept the credentials in KUBECONFIG. Log in to"
                " the cluster again."
            )
        case Reason.UNREACHABLE | Reason.TLS_FAILED:
            return f"{error.message} Check the server that KUBECONFIG names, and the way to it."
        case _:
            return None


def _sentence(error: SyncError) -> str:
    again = " Run this again later." if isinstance(error, TransientError) else ""
    return f"{error.message}{again}"


def _failed(sentence: str) -> Outcome:
    return Outcome(REFUSED, err=f"figgosync: {sentence}\n")


def _printed(report: Report, output: Output) -> str:
    match output:
        case Output.TEXT:
            return as_text(report)
        case Output.JSON:
            return as_json(report)
        case _:
            assert_never(output)
