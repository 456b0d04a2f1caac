"""docs/calendarsynctenant.md knows every field of the definition, and no other."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from figgosync.core.conditions import ConditionType
from figgosync.errors import PermanentError, Reason
from figgosync.kube.credentials import secret_from
from figgosync.kube.names import API_VERSION
from figgosync.kube.resources import parse_tenant
from figgosync.kube.status import TenantStatus
from support import tenant_page as page

ROOT = Path(__file__).parents[2]
_STORED = {
    "uid": "6f0c1a2e-0000-4000-8000-000000000001",
    "generation": 1,
    "resourceVersion": "1",
    "creationTimestamp": "2026-11-20T08:31:07Z",
}


def _schema() -> dict[str, Any]:
    crd = yaml.safe_load((ROOT / "crds" / "calendarsynctenants.figgosync.io.yaml").read_text())
    schema: dict[str, Any] = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    return schema


def _fields(node: dict[str, Any], at: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, child in node.get("properties", {}).items():
        yield f"{at}.{name}", child
        yield from _fields(child, f"{at}.{name}")
    if "items" in node:
        yield from _fields(node["items"], f"{at}[]")


def _declared(part: str) -> dict[str, dict[str, Any]]:
    return dict(_fields(_schema()["properties"][part], part))


@pytest.mark.parametrize(("part", "at_least"), [("spec", 45), ("status", 25)])
def test_every_field_of_the_definition_is_listed_once_and_no_other(
    part: str, at_least: int
) -> None:
    listed = [name for name, _ in page.fields() if name.startswith(f"{part}.")]
    declared = _declared(part)
    assert len(declared) >= at_least, "the walk over the schema found too little"
    assert sorted(listed) == sorted(declared)


def test_each_default_is_the_definitions_and_who_has_none_must_be_given() -> None:
    """The second column: a default, `none` where it is required, empty where it may be left out."""
    declared = _declared("spec")
    for name, said in page.fields():
        if not name.startswith("spec."):
            continue
        default = declared[name].get("default")
        if default is None or isinstance(default, dict):
            assert said in {"none", ""}, name
        else:
            shown = str(default).lower() if isinstance(default, bool) else str(default)
            assert said == f"`{shown}`", name


def test_what_is_required_has_no_default_to_be_left_to() -> None:
    said = dict(page.fields())
    schema = _schema()["properties"]["spec"]

    def walk(node: dict[str, Any], at: str) -> Iterator[tuple[str, bool]]:
        for name, child in node.get("properties", {}).items():
            required = name in node.get("required", ())
            yield f"{at}.{name}", required
            yield from walk(child, f"{at}.{name}")
        if "items" in node:
            yield from walk(node["items"], f"{at}[]")

    # Exactly one of these has to be given, which no list of required fields can say.
    choice = {"spec.legalEntities", "spec.allLegalEntities", "spec.calendar.exchange"}
    required = {name for name, is_required in walk(schema, "spec") if is_required}
    assert {name for name, default in said.items() if default == "none"} == required | choice


def test_every_field_of_the_first_level_has_a_section() -> None:
    declared = {f"spec.{name}" for name in _schema()["properties"]["spec"]["properties"]}
    assert sorted(page.headings()) == sorted(declared)


def test_every_condition_of_a_tenant_is_explained() -> None:
    assert sorted(page.conditions()) == sorted(set(ConditionType) - {ConditionType.SUCCEEDED})


def _stored(body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "metadata": {**body["metadata"], **_STORED}}


def test_every_manifest_of_the_page_can_be_served() -> None:
    tenants = page.manifests("CalendarSyncTenant")
    assert len(tenants) == 2
    for body in tenants:
        assert body["apiVersion"] == API_VERSION
        parse_tenant(_stored(body))


def test_the_tenants_of_the_page_use_the_secrets_of_the_page() -> None:
    secrets = {}
    for body in page.manifests("Secret"):
        secret = secret_from(_stored(body))
        secrets[secret.namespace, secret.name] = set(body["stringData"])
    assert len(secrets) == 2
    for body in page.manifests("CalendarSyncTenant"):
        tenant, namespace = parse_tenant(_stored(body)), body["metadata"]["namespace"]
        figgo, exchange = tenant.spec.figgo, tenant.spec.exchange
        assert figgo.api_key_field in secrets[namespace, figgo.api_key_secret]
        keys = {"accountLogin", "accountPass"}
        assert keys == secrets[namespace, exchange.credentials_secret]


def test_every_part_of_a_spec_fits_into_the_example() -> None:
    parts = page.fragments("spec")
    assert len(parts) >= 4
    for part in parts:
        body = page.completed(part)
        assert parse_tenant(_stored(body)) != parse_tenant(_stored(page.completed({})))


def test_a_part_that_does_not_fit_would_be_found() -> None:
    for part in ({"events": {"tittle": "Absent"}}, {"employees": {"only": []}}):
        with pytest.raises(PermanentError) as refusal:
            parse_tenant(_stored(page.completed(part)))
        assert refusal.value.reason is Reason.INVALID_SPEC


def test_the_status_of_the_page_is_one_that_the_operator_writes() -> None:
    (status,) = page.fragments("status")
    assert TenantStatus.from_body(status).to_body() == status


def test_all_that_is_yaml_was_looked_at() -> None:
    looked_at = (
        len(page.manifests("CalendarSyncTenant"))
        + len(page.manifests("Secret"))
        + len(page.fragments("spec"))
        + len(page.fragments("status"))
    )
    assert looked_at == len(page.documents())
    assert page.PAGE.count("```yaml") == len(page.blocks("yaml")) == 7
    assert page.PAGE.count("```console") == len(page.blocks("console"))


def test_every_link_of_the_page_leads_somewhere() -> None:
    anchors = {
        re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", page.PAGE, re.MULTILINE)
    }
    links = re.findall(r"\]\(([^)]+)\)", page.PAGE)
    assert len(links) > 10
    for link in links:
        path, _, anchor = link.partition("#")
        assert (ROOT / "docs" / path).exists(), link
        assert path or anchor in anchors, link
