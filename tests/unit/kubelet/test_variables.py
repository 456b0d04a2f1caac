"""A container's environment, by the rules of Kubernetes' own kubelet."""

from collections.abc import Mapping
from typing import Any

import pytest

from figgosync_kubelet.errors import NotUnderstoodError, PodError
from figgosync_kubelet.fields import Fields
from figgosync_kubelet.variables import (
    environment,
    expand,
    read_from,
    read_variable,
    service_links,
)

OBJECTS: Mapping[tuple[str, str], Mapping[str, bytes]] = {
    ("ConfigMap", "site"): {"host": b"mail", "a=b": b"no name of a variable", "COLOUR": b"blue"},
    ("Secret", "login"): {"user": b"sync", "COLOUR": b"red"},
}


def _environment(
    env: list[dict[str, Any]],
    env_from: list[dict[str, Any]] | None = None,
    links: Mapping[str, str] | None = None,
) -> dict[str, str]:
    variables = [read_from(Fields(each, "envFrom")) for each in env_from or []]
    return environment(
        [*variables, *(read_variable(Fields(each, "env")) for each in env)],
        lambda kind, name: OBJECTS.get((kind, name)),
        lambda path: f"<{path}>",
        links or {},
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$(A)", "1"),
        ("<$(A)$(A)>", "<11>"),
        ("$(NOBODY)", "$(NOBODY)"),
        ("$$(A)", "$(A)"),
        ("$$$(A)", "$1"),
        ("$A ${A} $ $(A", "$A ${A} $ $(A"),
        ("100 $$", "100 $"),
        ("$()", "$()"),
        ("$(B)", "$(A)"),  # what a reference brings is not looked at again
    ],
)
def test_references_are_expanded_as_kubernetes_does_it(text: str, expected: str) -> None:
    assert expand(text, {"A": "1", "B": "$(A)"}) == expected


def test_a_variable_sees_those_before_it_and_not_those_after_it() -> None:
    seen = _environment(
        [
            {"name": "FIRST", "value": "1"},
            {"name": "BOTH", "value": "$(FIRST)$(LAST)"},
            {"name": "LAST", "value": "2"},
            {"name": "EMPTY"},
        ]
    )
    assert seen == {"FIRST": "1", "BOTH": "1$(LAST)", "LAST": "2", "EMPTY": ""}


def test_values_come_from_keys_and_from_the_pod() -> None:
    def of(source: dict[str, Any]) -> dict[str, Any]:
        return {"name": "X", "valueFrom": source}

    assert _environment([of({"configMapKeyRef": {"name": "site", "key": "host"}})]) == {"X": "mail"}
    assert _environment([of({"secretKeyRef": {"name": "login", "key": "user"}})]) == {"X": "sync"}
    field = {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}
    assert _environment([of(field)]) == {"X": "<metadata.name>"}


def test_all_keys_of_an_object_come_with_their_prefix_and_later_ones_win() -> None:
    seen = _environment(
        [{"name": "user", "value": "other"}],
        [
            {"configMapRef": {"name": "site"}},
            {"secretRef": {"name": "login"}},
            {"prefix": "P_", "secretRef": {"name": "login"}},
        ],
    )
    assert seen == {
        "host": "mail",
        "COLOUR": "red",
        "user": "other",
        "P_user": "sync",
        "P_COLOUR": "red",
    }


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ({"configMapKeyRef": {"name": "none", "key": "x"}}, "ConfigMap none does not exist"),
        ({"secretKeyRef": {"name": "login", "key": "x"}}, "Secret login has no key x"),
    ],
)
def test_what_is_missing_is_an_error_unless_it_is_optional(
    source: dict[str, dict[str, Any]], complaint: str
) -> None:
    with pytest.raises(PodError, match=complaint):
        _environment([{"name": "X", "valueFrom": source}])
    ((kind, reference),) = source.items()
    optional = {kind: {**reference, "optional": True}}
    assert _environment([{"name": "X", "valueFrom": optional}]) == {}


def test_a_whole_object_that_is_missing_is_an_error_unless_it_is_optional() -> None:
    with pytest.raises(PodError, match="Secret none does not exist"):
        _environment([], [{"secretRef": {"name": "none"}}])
    assert _environment([], [{"secretRef": {"name": "none", "optional": True}}]) == {}


def test_links_of_services_can_be_referred_to_and_give_way_to_all_others() -> None:
    links = {"MAIL_SERVICE_HOST": "10.0.0.7", "OWN": "link"}
    seen = _environment(
        [{"name": "OWN", "value": "mine"}, {"name": "URL", "value": "http://$(MAIL_SERVICE_HOST)"}],
        links=links,
    )
    assert seen == {"MAIL_SERVICE_HOST": "10.0.0.7", "OWN": "mine", "URL": "http://10.0.0.7"}


@pytest.mark.parametrize(
    "source",
    [
        {"resourceFieldRef": {"resource": "limits.cpu"}},
        {"fileKeyRef": {"path": "x", "key": "y", "volumeName": "z"}},
        {"configMapKeyRef": {"name": "site", "key": "host", "namespace": "other"}},
    ],
)
def test_a_source_that_is_not_known_is_refused(source: dict[str, Any]) -> None:
    with pytest.raises(NotUnderstoodError):
        _environment([{"name": "X", "valueFrom": source}])


def test_a_service_is_told_of_in_the_words_of_kubernetes() -> None:
    service = {
        "metadata": {"name": "figgo-sync"},
        "spec": {
            "clusterIP": "10.0.0.9",
            "ports": [
                {"name": "http", "port": 8080, "protocol": "TCP"},
                {"name": "dns-udp", "port": 53, "protocol": "UDP"},
            ],
        },
    }
    assert service_links([service]) == {
        "FIGGO_SYNC_SERVICE_HOST": "10.0.0.9",
        "FIGGO_SYNC_SERVICE_PORT": "8080",
        "FIGGO_SYNC_SERVICE_PORT_HTTP": "8080",
        "FIGGO_SYNC_SERVICE_PORT_DNS_UDP": "53",
        "FIGGO_SYNC_PORT": "tcp://10.0.0.9:8080",
        "FIGGO_SYNC_PORT_8080_TCP": "tcp://10.0.0.9:8080",
        "FIGGO_SYNC_PORT_8080_TCP_PROTO": "tcp",
        "FIGGO_SYNC_PORT_8080_TCP_PORT": "8080",
        "FIGGO_SYNC_PORT_8080_TCP_ADDR": "10.0.0.9",
        "FIGGO_SYNC_PORT_53_UDP": "udp://10.0.0.9:53",
        "FIGGO_SYNC_PORT_53_UDP_PROTO": "udp",
        "FIGGO_SYNC_PORT_53_UDP_PORT": "53",
        "FIGGO_SYNC_PORT_53_UDP_ADDR": "10.0.0.9",
    }


@pytest.mark.parametrize("address", ["None", ""])
def test_a_service_without_an_address_is_told_of_to_nobody(address: str) -> None:
    service = {"metadata": {"name": "x"}, "spec": {"clusterIP": address, "ports": [{"port": 1}]}}
    assert service_links([service]) == {}
