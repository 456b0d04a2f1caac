"""What the chart has Kubernetes run."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from figgosync.settings import Settings
from figgosync_controlplane.helm import Helm
from support.chart import (
    APP_VERSION,
    CHART,
    VALUES_FILES,
    Manifest,
    container,
    of_kind,
    pod_spec,
    render,
    the_only,
)

PEM = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
BUNDLE = "/etc/figgosync/ca/ca.crt"


def environment(rendered: list[Manifest]) -> dict[str, str]:
    """Return the variables that the chart gives a text itself."""
    return {each["name"]: each["value"] for each in container(rendered)["env"] if "value" in each}


def settings(rendered: list[Manifest], folder: Path) -> Settings:
    """Read the settings as the operator would, with the CA bundle's file at a place of ours."""
    variables = environment(rendered)
    if variables.get("FIGGOSYNC_CA_BUNDLE") == BUNDLE:
        file = folder / "ca.crt"
        file.touch()
        variables["FIGGOSYNC_CA_BUNDLE"] = str(file)
    return Settings.from_environment(variables)


def test_there_is_never_a_second_operator(helm: Helm) -> None:
    spec = the_only(render(helm), "Deployment")["spec"]
    assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})


def test_the_pod_has_no_privileges(helm: Helm) -> None:
    rendered = render(helm)
    assert pod_spec(rendered)["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": 65532,
        "runAsGroup": 65532,
        "fsGroup": 65532,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert container(rendered)["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_only_the_operators_pod_gets_its_token(helm: Helm) -> None:
    rendered = render(helm)
    assert the_only(rendered, "ServiceAccount")["automountServiceAccountToken"] is False
    assert pod_spec(rendered)["automountServiceAccountToken"] is True


def test_no_service_can_add_a_variable_that_would_be_taken_for_a_typo(helm: Helm) -> None:
    assert pod_spec(render(helm))["enableServiceLinks"] is False


def test_a_writable_folder_for_temporary_files_is_there(helm: Helm) -> None:
    rendered = render(helm)
    assert {"name": "tmp", "mountPath": "/tmp"} in container(rendered)["volumeMounts"]  # noqa: S108 - in the container
    assert {"name": "tmp", "emptyDir": {"sizeLimit": "16Mi"}} in pod_spec(rendered)["volumes"]


def test_probes_service_and_network_policy_follow_the_port(helm: Helm) -> None:
    rendered = render(helm, {"httpPort": 9090})
    operator = container(rendered)
    assert operator["ports"] == [{"name": "http", "containerPort": 9090, "protocol": "TCP"}]
    assert environment(rendered)["FIGGOSYNC_HTTP_PORT"] == "9090"
    probes = {name: operator[f"{name}Probe"] for name in ("startup", "liveness", "readiness")}
    assert {name: probe["httpGet"] for name, probe in probes.items()} == {
        "startup": {"path": "/healthz", "port": "http"},
        "liveness": {"path": "/healthz", "port": "http"},
        "readiness": {"path": "/readyz", "port": "http"},
    }
    (port,) = the_only(rendered, "Service")["spec"]["ports"]
    assert (port["port"], port["targetPort"]) == (8080, "http")
    (rule,) = the_only(rendered, "NetworkPolicy")["spec"]["ingress"]
    assert rule == {"ports": [{"port": "http", "protocol": "TCP"}]}


def test_memory_has_a_limit_and_the_processor_has_none(helm: Helm) -> None:
    assert container(render(helm))["resources"] == {
        "requests": {"cpu": "50m", "memory": "128Mi"},
        "limits": {"memory": "512Mi"},
    }


def test_all_that_selects_the_pod_finds_it(helm: Helm) -> None:
    rendered = render(helm, {"podLabels": {"team": "hr"}})
    labels = the_only(rendered, "Deployment")["spec"]["template"]["metadata"]["labels"]
    assert labels["team"] == "hr"
    selectors = [
        the_only(rendered, "Deployment")["spec"]["selector"]["matchLabels"],
        the_only(rendered, "PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
        the_only(rendered, "NetworkPolicy")["spec"]["podSelector"]["matchLabels"],
        the_only(rendered, "Service")["spec"]["selector"],
    ]
    assert [each for each in selectors if not each or not each.items() <= labels.items()] == []


def test_the_budget_lets_every_node_be_drained(helm: Helm) -> None:
    spec = the_only(render(helm), "PodDisruptionBudget")["spec"]
    assert (spec["maxUnavailable"], spec["unhealthyPodEvictionPolicy"]) == (1, "AlwaysAllow")


def test_the_network_policy_narrows_both_ways_where_it_is_told_to(helm: Helm) -> None:
    peer = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}
    rule = {"ports": [{"port": 443, "protocol": "TCP"}]}
    values = {"networkPolicy": {"ingress": {"from": [peer]}, "egress": [rule]}}
    spec = the_only(render(helm, values), "NetworkPolicy")["spec"]
    assert spec["policyTypes"] == ["Ingress", "Egress"]
    assert (spec["ingress"][0]["from"], spec["egress"]) == ([peer], [rule])
    assert the_only(render(helm), "NetworkPolicy")["spec"]["policyTypes"] == ["Ingress"]


@pytest.mark.parametrize(
    ("image", "reference"),
    [
        ({}, f"figgo-calendar-sync:{APP_VERSION}"),
        ({"repository": "registry:5000/a/b", "tag": "1.0"}, "registry:5000/a/b:1.0"),
        (
            {"digest": f"sha256:{'0' * 64}"},
            f"figgo-calendar-sync:{APP_VERSION}@sha256:{'0' * 64}",
        ),
    ],
)
def test_the_image_is_what_the_values_say(
    helm: Helm, image: Mapping[str, str], reference: str
) -> None:
    assert container(render(helm, {"image": image}))["image"] == reference


def test_the_environment_says_what_the_values_say(helm: Helm, tmp_path: Path) -> None:
    rendered = render(
        helm,
        {
            "operatorClass": "canary",
            "watchNamespaces": ["a", "b"],
            "hosts": {"figgo": ["*.ilucca.net", "b.example"], "exchange": ["mail.example:8443"]},
            "sync": {"sweepMinutes": 1440, "driftMinutes": 10080, "exchangeConcurrency": 20},
            "logLevel": "DEBUG",
            "httpPort": 65535,
            "caBundle": {"pem": PEM},
        },
    )
    read = settings(rendered, tmp_path)
    assert (read.operator_class, read.namespaces) == ("canary", ("a", "b"))
    assert read.figgo_hosts == ("*.ilucca.net", "b.example")
    assert read.exchange_hosts == ("mail.example:8443",)
    assert (read.sweep_interval.total_seconds(), read.drift_interval.total_seconds()) == (
        1440 * 60,
        10080 * 60,
    )
    assert (read.exchange_concurrency, read.log_level) == (20, "DEBUG")
    assert (read.http_port, read.ca_bundle) == (65535, tmp_path / "ca.crt")


def test_the_default_values_are_the_operators_own(helm: Helm) -> None:
    assert Settings.from_environment(environment(render(helm))) == Settings.from_environment({})


def test_numbers_of_the_command_line_are_written_as_those_of_a_file(helm: Helm) -> None:
    rendered = render(helm, None, "--set=sync.driftMinutes=10080", "--set=httpPort=10000")
    assert environment(rendered)["FIGGOSYNC_DRIFT_MINUTES"] == "10080"
    assert environment(rendered)["FIGGOSYNC_HTTP_PORT"] == "10000"


@pytest.mark.parametrize("file", VALUES_FILES, ids=lambda path: path.stem)
def test_the_operator_understands_its_environment_whatever_the_values(
    helm: Helm, tmp_path: Path, file: Path
) -> None:
    assert settings(render(helm, None, f"--values={file}"), tmp_path)


def test_the_proxy_is_told_as_every_program_is_told(helm: Helm) -> None:
    proxy = {"https": "http://proxy.acme.example:3128", "noProxy": ["mail.acme.example", ".b"]}
    variables = environment(render(helm, {"proxy": proxy}))
    assert variables["HTTPS_PROXY"] == "http://proxy.acme.example:3128"
    assert variables["NO_PROXY"] == "mail.acme.example,.b"
    assert not {"HTTPS_PROXY", "NO_PROXY"} & set(environment(render(helm)))


@pytest.mark.parametrize(
    ("bundle", "source"),
    [
        (
            {"pem": PEM},
            {"configMap": {"name": "acme-figgo-calendar-sync-ca", "items": ["ca.crt"]}},
        ),
        (
            {"configMap": {"name": "authorities", "key": "bundle.pem"}},
            {"configMap": {"name": "authorities", "items": ["bundle.pem"]}},
        ),
        (
            {"secret": {"name": "authorities"}},
            {"secret": {"secretName": "authorities", "items": ["ca.crt"]}},
        ),
    ],
    ids=["pem", "configMap", "secret"],
)
def test_the_ca_bundle_is_one_file_wherever_it_comes_from(
    helm: Helm, bundle: dict[str, Any], source: dict[str, Any]
) -> None:
    rendered = render(helm, {"caBundle": bundle})
    assert environment(rendered)["FIGGOSYNC_CA_BUNDLE"] == BUNDLE
    mount = {"name": "ca-bundle", "mountPath": "/etc/figgosync/ca", "readOnly": True}
    assert mount in container(rendered)["volumeMounts"]
    (volume,) = [each for each in pod_spec(rendered)["volumes"] if each["name"] == "ca-bundle"]
    (kind, wanted), *_ = source.items()
    wanted["items"] = [{"key": key, "path": "ca.crt"} for key in wanted["items"]]
    assert volume == {"name": "ca-bundle", kind: wanted}


def test_a_changed_bundle_of_the_values_makes_a_new_pod(helm: Helm) -> None:
    def annotations(pem: str) -> dict[str, str]:
        rendered = render(helm, {"caBundle": {"pem": pem}})
        template = the_only(rendered, "Deployment")["spec"]["template"]
        found: dict[str, str] = template["metadata"].get("annotations", {})
        return found

    assert annotations(PEM) == annotations(PEM) != annotations(PEM * 2)
    assert annotations("") == {}
    assert [
        each["data"] for each in of_kind(render(helm, {"caBundle": {"pem": PEM}}), "ConfigMap")
    ] == [{"ca.crt": PEM}]


def test_what_is_extra_comes_beside_what_is_ours(helm: Helm) -> None:
    plain = render(helm)
    extra = render(
        helm,
        {
            "extraEnv": [{"name": "TZ", "value": "Europe/Paris"}],
            "extraEnvFrom": [{"secretRef": {"name": "more"}}],
            "extraVolumes": [{"name": "notes", "emptyDir": {}}],
            "extraVolumeMounts": [{"name": "notes", "mountPath": "/notes"}],
        },
    )
    assert environment(extra) == {**environment(plain), "TZ": "Europe/Paris"}
    assert container(extra)["envFrom"] == [{"secretRef": {"name": "more"}}]
    assert pod_spec(extra)["volumes"] == [
        *pod_spec(plain)["volumes"],
        {"name": "notes", "emptyDir": {}},
    ]
    assert container(extra)["volumeMounts"] == [
        *container(plain)["volumeMounts"],
        {"name": "notes", "mountPath": "/notes"},
    ]


def test_the_chart_knows_which_value_says_what_each_setting_says() -> None:
    with pytest.raises(ValueError, match="known are") as refusal:
        Settings.from_environment({"FIGGOSYNC_NO_SUCH_THING": "1"})
    known = set(str(refusal.value).partition("known are ")[2].split(", "))
    listed = (CHART / "templates" / "_environment.tpl").read_text()
    unlisted = {name for name in known - {"KUBECONFIG"} if f"\n{name}: " not in listed}
    assert unlisted == set()


def test_a_chart_above_this_one_may_share_its_globals(helm: Helm, tmp_path: Path) -> None:
    umbrella = tmp_path / "umbrella"
    (umbrella / "charts").mkdir(parents=True)
    chart = {"apiVersion": "v2", "name": "umbrella", "version": "1.0.0"}
    (umbrella / "Chart.yaml").write_text(json.dumps(chart))
    (umbrella / "values.yaml").write_text(json.dumps({"global": {"registry": "r"}}))
    (umbrella / "charts" / "figgo-calendar-sync").symlink_to(CHART)
    text = helm.run("template", "acme", str(umbrella))
    assert "kind: Deployment" in text
