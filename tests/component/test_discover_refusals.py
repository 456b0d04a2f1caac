"""What `figgosync discover` says where it cannot answer: one sentence, with the remedy."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from component.desk import Desk, a_desk
from figgo_world import ESTABLISHMENTS, LEAVES
from figgosync.core.tenant import FiggoSettings, TenantName
from figgosync.discovery.command import Discovery, Outcome, Output, Request
from figgosync.errors import CredentialError, PermanentError, Reason, SyncError, TransientError
from figgosync.figgo.patience import PatientTransport
from figgosync.kube.credentials import Secret
from figgosync.kube.names import CREDENTIALS_LABEL
from figgosync.metrics import Metrics
from figgosync.settings import Settings
from figgosync.wiring import Outside
from figgosync_sim.faults import Answer, DropBefore, HtmlError
from support.memory_cluster import MemoryCluster
from support.tenants import a_stored_tenant, a_tenant

AGAIN = " Run this again later."


async def test_a_tenant_that_does_not_exist_is_named() -> None:
    async with a_desk() as desk:
        for namespace, says in (
            ("other", "There is no CalendarSyncTenant acme in namespace other."),
            ("hr", "There is no CalendarSyncTenant acme in namespace hr."),
            (None, "No CalendarSyncTenant is called acme."),
        ):
            if namespace == "hr":
                desk.cluster.delete()
            refusal = await desk.refusal(namespace)
            assert refusal.startswith(says)
            assert "kubectl get calendarsynctenants --all-namespaces" in refusal
        assert len(desk.world.figgo.log) == 0


async def test_without_a_namespace_the_only_tenant_of_the_name_is_found() -> None:
    async with a_desk() as desk:
        desk.cluster.create(a_tenant(name="acme-2"))
        outcome = await desk.ask(namespace=None)
    assert outcome.code == 0
    assert '"name": "acme"' in outcome.out


class Namespaces:
    """A cluster with a tenant acme in some namespaces."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self.asked: list[str | None] = []

    async def list_tenants(self, namespace: str | None = None) -> Sequence[Mapping[str, Any]]:
        self.asked.append(namespace)
        wanted = self.names if namespace is None else [n for n in self.names if n == namespace]
        return [a_stored_tenant(namespace=name) for name in wanted]

    async def get_tenant(self, name: TenantName) -> Mapping[str, Any] | None:
        raise AssertionError(name)

    async def secret(self, namespace: str, name: str) -> Secret:
        raise PermanentError(Reason.SECRET_NOT_FOUND, f"{namespace} has no {name}.")


async def ask(cluster: Namespaces, *namespaces: str) -> Outcome:
    async with a_desk() as desk:
        discovery = Discovery(cluster, desk.connect, desk.world.now, namespaces=namespaces)
        return await discovery.outcome(Request("acme", None, Output.TEXT))


async def test_several_tenants_of_one_name_have_to_be_told_apart() -> None:
    cluster = Namespaces("sales", "hr")
    outcome = await ask(cluster)
    assert (outcome.code, outcome.out) == (1, "")
    assert (
        "a CalendarSyncTenant acme in each of hr, sales: say which by --namespace." in outcome.err
    )


async def test_an_installation_of_some_namespaces_looks_in_these_alone() -> None:
    cluster = Namespaces("sales", "hr", "other")
    outcome = await ask(cluster, "other", "empty")
    assert outcome.err == "figgosync: other has no acme-figgo.\n"
    assert cluster.asked == ["other", "empty"]


async def test_a_spec_that_cannot_be_served_names_its_field() -> None:
    async with a_desk(events__timeZone="Europe/Pariss") as desk:
        refusal = await desk.refusal()
        assert len(desk.world.figgo.log) == 0
    assert "spec.events.timeZone: must be a time zone that exists" in refusal
    assert "kubectl -n hr edit calendarsynctenant acme" in refusal


def _lose(desk: Desk) -> None:
    desk.cluster.remove_secret("acme-figgo")


def _empty(desk: Desk) -> None:
    desk.cluster.put_secret("acme-figgo", another="x")


def _garble(desk: Desk) -> None:
    desk.cluster.put_secret("acme-figgo", apiKey="no key \u00e9")


def _take_the_label_off(desk: Desk) -> None:
    desk.cluster.relabel("acme-figgo", {})


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_lose, "Secret acme-figgo does not exist in namespace hr"),
        (_empty, "holds no text under the key apiKey"),
        (_garble, "empty or not a key"),
        (_take_the_label_off, f"label secret acme-figgo {CREDENTIALS_LABEL}=true"),
    ],
)
async def test_a_secret_that_is_no_use_is_told_with_its_remedy(
    spoil: Callable[[Desk], None], says: str
) -> None:
    async with a_desk() as desk:
        spoil(desk)
        assert says in await desk.refusal()
        assert len(desk.world.figgo.log) == 0


async def test_a_key_that_figgo_refuses_is_asked_with_once() -> None:
    async with a_desk() as desk:
        desk.world.state.revoke_key()
        refusal = await desk.refusal()
        assert [request.status for request in desk.world.figgo.log] == [401]
    assert refusal.startswith("Figgo refused the API key. Write a valid key to its Secret")


@pytest.mark.parametrize(
    ("fault", "path", "says"),
    [
        (Answer(403), ESTABLISHMENTS, "its role lacks a right."),
        (Answer(404), ESTABLISHMENTS, "There is no Figgo at the configured address"),
        (Answer(302, {"Location": "https://elsewhere.example"}), LEAVES, "with a redirect"),
        (HtmlError(503), LEAVES, "Figgo is in trouble (HTTP 503)"),
        (DropBefore(), LEAVES, "Figgo cannot be reached"),
        (Answer(200, body='{"data":{"items":[{}],"count":1}}'), LEAVES, "cannot be understood"),
        (Answer(200, body="{}"), ESTABLISHMENTS, "an answer without a list"),
    ],
)
async def test_what_figgo_refuses_is_said_in_the_words_of_the_sync(
    fault: Answer | HtmlError | DropBefore, path: str, says: str
) -> None:
    async with a_desk() as desk:
        desk.world.figgo.faults.order(fault, path=path, times=9)
        assert says in await desk.refusal()


async def test_a_trouble_that_passes_asks_to_be_tried_again() -> None:
    async with a_desk() as desk:
        desk.world.figgo.faults.order(HtmlError(503), path=ESTABLISHMENTS)
        assert (await desk.refusal()).endswith(AGAIN)
        desk.world.state.revoke_key()
        assert not (await desk.refusal()).endswith(AGAIN)


async def test_a_host_that_the_installation_does_not_allow_gets_no_key() -> None:
    async with a_desk() as desk:
        settings = Settings.from_environment({"FIGGOSYNC_FIGGO_HOSTS": "acme.ilucca.net"})
        outside = Outside(settings, desk.world.session, desk.world.now, Metrics("1", "default"))

        def connect(figgo: FiggoSettings, key: str) -> PatientTransport:
            return PatientTransport(outside.transport(figgo, key))

        discovery = Discovery(desk.cluster, connect, desk.world.now)
        outcome = await discovery.outcome(Request("acme", "hr", Output.TEXT))
        assert len(desk.world.figgo.log) == 0
    assert (outcome.code, outcome.out) == (1, "")
    assert "sends no credentials to localhost:" in outcome.err
    assert "FIGGOSYNC_FIGGO_HOSTS" in outcome.err


UNREACHABLE = TransientError(Reason.UNREACHABLE, "The Kubernetes API server cannot be reached.")
FORBIDDEN = PermanentError(Reason.REQUEST_REFUSED, "The operator may not read Secrets. Run x.")
UNKNOWN_USER = CredentialError(Reason.CREDENTIALS_REFUSED, "Not the operator's token. Restart it.")


@pytest.mark.parametrize(
    ("trouble", "in_the_pod", "on_a_laptop"),
    [
        (UNREACHABLE, f"{UNREACHABLE.message}{AGAIN}", "Check the server that KUBECONFIG names"),
        (FORBIDDEN, FORBIDDEN.message, "The user of KUBECONFIG lacks a right"),
        (UNKNOWN_USER, UNKNOWN_USER.message, "does not accept the credentials in KUBECONFIG."),
    ],
)
@pytest.mark.parametrize("namespace", ["hr", None])
async def test_a_cluster_that_refuses_a_person_speaks_to_the_person(
    trouble: SyncError, in_the_pod: str, on_a_laptop: str, namespace: str | None
) -> None:
    async with a_desk() as desk:
        desk.cluster.trouble = trouble
        for personal, says in ((False, in_the_pod), (True, on_a_laptop)):
            discovery = Discovery(desk.cluster, desk.connect, desk.world.now, personal=personal)
            outcome = await discovery.outcome(Request("acme", namespace, Output.TEXT))
            assert (outcome.code, outcome.out) == (1, "")
            assert says in outcome.err


class Broken(MemoryCluster):
    """A cluster client with a fault of its own, whose text tells of somebody."""

    async def secret(self, namespace: str, name: str) -> Secret:  # noqa: ARG002 - as its base
        raise KeyError("Awa Mercier")


async def test_a_fault_of_our_own_is_told_by_its_place_and_never_by_its_text() -> None:
    async with a_desk() as desk:
        cluster = Broken()
        cluster.create(desk.cluster.body())
        desk.cluster = cluster
        refusal = await desk.refusal()
    assert refusal.startswith("a fault of its own (KeyError in Broken.secret line ")
    assert "Awa" not in refusal
