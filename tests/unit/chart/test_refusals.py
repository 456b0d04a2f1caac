"""Wrong values, each refused by a message that names it."""

from typing import Any, NamedTuple

import pytest

from figgosync_controlplane.helm import Helm, HelmError
from support.chart import render


class Refused(NamedTuple):
    values: dict[str, Any]
    words: tuple[str, ...]


CERTIFICATE = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
KEY = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"


def _host(word: str) -> Refused:
    return Refused({"hosts": {"exchange": [word]}}, ("/hosts/exchange/0", word))


def _variable(name: str, value: str, **others: object) -> Refused:
    values = {"extraEnv": [{"name": name, "value": "x"}], **others}
    return Refused(values, ("extraEnv", name, f"the value {value} "))


BY_SCHEMA = {
    "a typo at the top": Refused({"watchNamespace": ["hr"]}, ("watchNamespace",)),
    "a typo below": Refused({"sync": {"sweepMinute": 5}}, ("/sync", "sweepMinute")),
    "a class with capitals": Refused({"operatorClass": "Canary"}, ("/operatorClass", "Canary")),
    "an empty class": Refused({"operatorClass": ""}, ("/operatorClass", "''")),
    "a class of 41 characters": Refused({"operatorClass": "c" * 41}, ("/operatorClass",)),
    "a class that ends in a dash": Refused({"operatorClass": "a-"}, ("/operatorClass", "a-")),
    "a namespace with a dot": Refused(
        {"watchNamespaces": ["hr", "h.r"]}, ("/watchNamespaces/1", "h.r")
    ),
    "a namespace twice": Refused({"watchNamespaces": ["hr", "hr"]}, ("/watchNamespaces", "equal")),
    "namespaces in one string": Refused({"tenantNamespaces": "a,b"}, ("/tenantNamespaces", "got")),
    "a URL for a host": _host("https://mail.acme.example"),
    "two hosts in one string": _host("mail.acme.example,mail2.acme.example"),
    "hosts with a space": _host("mail.acme.example mail2"),
    "a host with a path": _host("mail.acme.example/EWS"),
    "a star in the middle": _host("mail.*.example"),
    "a star alone": _host("*"),
    "a star with a port": _host("*.acme.example:8443"),
    "a host with an empty port": _host("mail.acme.example:"),
    "an empty host": Refused({"hosts": {"figgo": [""]}}, ("/hosts/figgo/0",)),
    "a rare sweep": Refused({"sync": {"sweepMinutes": 1441}}, ("/sync/sweepMinutes", "1,441")),
    "a hasty sweep": Refused({"sync": {"sweepMinutes": 4}}, ("/sync/sweepMinutes", "got 4")),
    "a sweep in words": Refused({"sync": {"sweepMinutes": "30m"}}, ("/sync/sweepMinutes", "got")),
    "half a minute": Refused({"sync": {"driftMinutes": 7.5}}, ("/sync/driftMinutes", "got")),
    "too many calls": Refused({"sync": {"exchangeConcurrency": 21}}, ("/exchangeConcurrency",)),
    "a log level of another program": Refused({"logLevel": "TRACE"}, ("/logLevel", "'WARNING'")),
    "a port below 1024": Refused({"httpPort": 80}, ("/httpPort", "got 80")),
    "a port above all": Refused({"httpPort": 65536}, ("/httpPort", "65,536")),
    "port 0": Refused({"httpPort": 0}, ("/httpPort", "got 0")),
    "a pull policy": Refused({"image": {"pullPolicy": "Sometimes"}}, ("/image/pullPolicy",)),
    "a tag in the repository": Refused(
        {"image": {"repository": "registry.example/figgo:1.2"}}, ("/image/repository", "figgo:1.2")
    ),
    "a repository with capitals": Refused(
        {"image": {"repository": "registry.example/Figgo"}}, ("/image/repository", "Figgo")
    ),
    "a repository with an empty part": Refused(
        {"image": {"repository": "registry.example//figgo"}}, ("/image/repository", "//figgo")
    ),
    "a quarter of a byte": Refused(
        {"resources": {"limits": {"memory": "256m"}}}, ("/resources/limits/memory", "256m")
    ),
    "a host's port above all": _host("mail.acme.example:65536"),
    "a proxy's port above all": Refused(
        {"proxy": {"https": "http://proxy:65536"}}, ("/proxy/https", "65536")
    ),
    "a job that ends the expression": Refused(
        {"prometheusRule": {"job": "a\nb"}}, ("/prometheusRule/job",)
    ),
    "a job that is a template": Refused(
        {"prometheusRule": {"job": "{{ x }}"}}, ("/prometheusRule/job", "{{ x }}")
    ),
    "a job with a quote of templates": Refused(
        {"prometheusRule": {"job": "a`b"}}, ("/prometheusRule/job", "a`b")
    ),
    "a short digest": Refused({"image": {"digest": "sha256:abc"}}, ("/image/digest", "abc")),
    "a tag with a colon": Refused({"image": {"tag": "a:b"}}, ("/image/tag", "a:b")),
    "no certificate": Refused({"caBundle": {"pem": "MIIB"}}, ("/caBundle/pem", "MIIB")),
    "a proxy with a password": Refused(
        {"proxy": {"https": "http://me:secret@proxy:3128"}}, ("/proxy/https",)
    ),
    "a proxy without a scheme": Refused(
        {"proxy": {"https": "proxy:3128"}}, ("/proxy/https", "proxy:3128")
    ),
    "exceptions of a proxy in one string": Refused(
        {"proxy": {"noProxy": ["a,b"]}}, ("/proxy/noProxy/0", "a,b")
    ),
    "a variable with no name": Refused({"extraEnv": [{"value": "x"}]}, ("/extraEnv/0", "name")),
    "a variable's number": Refused(
        {"extraEnv": [{"name": "A", "value": 1}]}, ("/extraEnv/0/value", "got number")
    ),
    "a variable from two places": Refused(
        {
            "extraEnv": [
                {
                    "name": "A",
                    "valueFrom": {
                        "secretKeyRef": {"name": "a", "key": "b"},
                        "configMapKeyRef": {"name": "a", "key": "b"},
                    },
                }
            ]
        },
        ("/extraEnv/0/valueFrom",),
    ),
    "a quantity with a space": Refused(
        {"resources": {"limits": {"memory": "256 Mi"}}}, ("/resources/limits/memory", "256 Mi")
    ),
    "a resource that is none": Refused({"resources": {"limit": {}}}, ("/resources", "limit")),
    "a security context with a typo": Refused(
        {"securityContext": {"readOnlyRootFileSystem": True}}, ("/securityContext", "FileSystem")
    ),
    "a budget of none": Refused(
        {"podDisruptionBudget": {"maxUnavailable": 0}}, ("/podDisruptionBudget/maxUnavailable",)
    ),
    "a budget of no per cent": Refused(
        {"podDisruptionBudget": {"maxUnavailable": "0%"}}, ("/podDisruptionBudget/maxUnavailable",)
    ),
    "a grace period that is too short": Refused(
        {"terminationGracePeriodSeconds": 5}, ("/terminationGracePeriodSeconds", "got 5")
    ),
    "a peer with a typo": Refused(
        {"networkPolicy": {"ingress": {"from": [{"namespaceSelectors": {}}]}}},
        ("/networkPolicy/ingress/from/0", "namespaceSelectors"),
    ),
    "a toleration with a typo": Refused(
        {"tolerations": [{"keys": "dedicated"}]}, ("/tolerations/0", "keys")
    ),
}

BY_SENTENCE = {
    "both ways to name namespaces": Refused(
        {"watchNamespaces": ["a"], "tenantNamespaces": ["b"]},
        ("tenantNamespaces: leave it empty if watchNamespaces is set",),
    ),
    "an account that is not named": Refused(
        {"serviceAccount": {"create": False}}, ("serviceAccount.name: name the ServiceAccount",)
    ),
    "a class whose role is another's": Refused(
        {"operatorClass": "credentials-default"}, ("operatorClass: ", '"credentials-default"')
    ),
    "a class whose role is people's": Refused(
        {"operatorClass": "tenants-view-a"}, ("operatorClass: ", '"tenants-view-a"')
    ),
    "a label that selects": Refused(
        {"podLabels": {"app.kubernetes.io/name": "x"}}, ("podLabels: app.kubernetes.io/name is",)
    ),
    "two authorities' sources": Refused(
        {"caBundle": {"pem": CERTIFICATE, "secret": {"name": "a"}}},
        ("caBundle: set one of", "not pem and secret.name"),
    ),
    "three authorities' sources": Refused(
        {"caBundle": {"pem": CERTIFICATE, "secret": {"name": "a"}, "configMap": {"name": "b"}}},
        ("caBundle: set one of", "not pem and configMap.name and secret.name"),
    ),
    "a private key": Refused(
        {"caBundle": {"pem": CERTIFICATE + KEY}}, ("caBundle.pem: holds a private key",)
    ),
    "the hosts": _variable("FIGGOSYNC_EXCHANGE_HOSTS", "hosts.exchange"),
    "hosts that no value sets": _variable("FIGGOSYNC_FIGGO_HOSTS", "hosts.figgo"),
    "namespaces that no value sets": _variable("FIGGOSYNC_NAMESPACES", "watchNamespaces"),
    "the class": _variable("FIGGOSYNC_OPERATOR_CLASS", "operatorClass"),
    "the port": _variable("FIGGOSYNC_HTTP_PORT", "httpPort"),
    "the bundle": _variable(
        "FIGGOSYNC_CA_BUNDLE", "caBundle", caBundle={"secret": {"name": "authorities"}}
    ),
    "the proxy": _variable("HTTPS_PROXY", "proxy.https", proxy={"https": "http://proxy:3128"}),
    "no proxy": _variable("NO_PROXY", "proxy.noProxy", proxy={"noProxy": ["a"]}),
    "a variable with two values": Refused(
        {
            "extraEnv": [
                {
                    "name": "A",
                    "value": "x",
                    "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}},
                }
            ]
        },
        ("extraEnv: A has both value and valueFrom",),
    ),
    "a volume of the chart's own name": Refused(
        {"extraVolumes": [{"name": "tmp", "emptyDir": {}}]},
        ("extraVolumes: tmp is the chart's own",),
    ),
    "a volume named as the bundle's": Refused(
        {
            "extraVolumes": [{"name": "ca-bundle", "emptyDir": {}}],
            "caBundle": {"secret": {"name": "authorities"}},
        },
        ("extraVolumes: ca-bundle is the chart's own",),
    ),
    "a second mount on /tmp": Refused(
        {"extraVolumeMounts": [{"name": "x", "mountPath": "/tmp"}]},  # noqa: S108 - a mount's path
        ("extraVolumeMounts: /tmp is the chart's own",),
    ),
    "a variable twice": Refused(
        {"extraEnv": [{"name": "A", "value": "x"}, {"name": "A", "value": "y"}]},
        ("extraEnv: A is there twice",),
    ),
}


@pytest.mark.parametrize("refused", BY_SCHEMA.values(), ids=BY_SCHEMA)
def test_the_schema_refuses_a_wrong_value_and_names_it(helm: Helm, refused: Refused) -> None:
    with pytest.raises(HelmError, match="don't meet the specifications of the schema") as refusal:
        render(helm, refused.values)
    assert [word for word in refused.words if word not in str(refusal.value)] == []


@pytest.mark.parametrize("refused", BY_SENTENCE.values(), ids=BY_SENTENCE)
def test_what_no_schema_can_say_is_refused_by_a_sentence(helm: Helm, refused: Refused) -> None:
    with pytest.raises(HelmError, match=r"templates/guards\.yaml") as refusal:
        render(helm, refused.values)
    assert [word for word in refused.words if word not in str(refusal.value)] == []


@pytest.mark.parametrize(
    "host",
    [
        "mail.acme.example",
        "mail.acme.example:8443",
        "*.acme.example",
        "localhost:1",
        "10.0.0.7",
        "MAIL",
    ],
)
def test_every_form_of_a_host_is_accepted(helm: Helm, host: str) -> None:
    assert render(helm, {"hosts": {"exchange": [host], "figgo": [host]}})


@pytest.mark.parametrize(
    "repository",
    [
        "figgo-calendar-sync",
        "localhost:5000/figgo",
        "Registry.Example/it/figgo_calendar__sync",
        "registry.example:5000/a/b.c/d-e",
        "10.0.0.7:5000/figgo",
    ],
)
def test_every_form_of_a_repository_is_accepted(helm: Helm, repository: str) -> None:
    assert render(helm, {"image": {"repository": repository}})


@pytest.mark.parametrize("memory", ["256Mi", "1.5Gi", "300M", 268435456, "0.5G"])
def test_every_usual_form_of_an_amount_of_memory_is_accepted(helm: Helm, memory: object) -> None:
    assert render(helm, {"resources": {"limits": {"memory": memory}}})


@pytest.mark.parametrize("name", ["FIGGOSYNC_CA_BUNDLE", "HTTPS_PROXY", "NO_PROXY"])
def test_what_the_chart_does_not_set_may_come_from_elsewhere(helm: Helm, name: str) -> None:
    assert render(helm, {"extraEnv": [{"name": name, "value": "x"}]})


def test_the_names_of_the_bundle_are_free_where_the_chart_mounts_none(helm: Helm) -> None:
    mount = {"name": "ca-bundle", "mountPath": "/etc/figgosync/ca"}
    volume = {"name": "ca-bundle", "secret": {"secretName": "authorities"}}
    assert render(helm, {"extraVolumes": [volume], "extraVolumeMounts": [mount]})
