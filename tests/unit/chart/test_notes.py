"""What helm prints after an install: the next three commands, and what may surprise."""

import json
import re
from typing import Any

import pytest
import yaml

from figgosync_controlplane.helm import Helm
from support.chart import CHART, ROOT

COMMAND = re.compile(r"^kubectl .*?(?=\n\n)", re.MULTILINE | re.DOTALL)
NUMBERED = re.compile(r"^(\d)\. ", re.MULTILINE)


def notes(helm: Helm, **values: object) -> str:
    """Return the notes of an install that reaches no cluster."""
    text = helm.run(
        "install",
        "acme",
        str(CHART),
        "--namespace=figgo",
        "--dry-run=client",
        "--values=-",
        stdin=json.dumps(values),
    )
    return text.partition("NOTES:\n")[2] + "\n\n"


def commands(text: str) -> list[str]:
    """Return the commands."""
    return COMMAND.findall(text)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"tenantNamespaces": ["hr"]},
        {"watchNamespaces": ["hr"]},
        {"rbac": {"create": False}},
        {"operatorClass": "canary"},
        {"serviceAccount": {"create": False, "name": "mine"}},
    ],
    ids=json.dumps,
)
def test_there_are_three_commands(helm: Helm, values: dict[str, Any]) -> None:
    text = notes(helm, **values)
    assert NUMBERED.findall(text) == ["1", "2", "3"]
    assert len(commands(text)) == 3


def test_the_first_command_lets_the_operator_read_secrets(helm: Helm) -> None:
    first, *_ = commands(notes(helm, operatorClass="canary"))
    assert first == (
        "kubectl -n hr create rolebinding figgosync-credentials-canary"
        " --clusterrole=figgosync-credentials-canary"
        " --serviceaccount=figgo:acme-figgo-calendar-sync"
    )


@pytest.mark.parametrize("mode", ["tenantNamespaces", "watchNamespaces"])
def test_where_it_may_read_them_the_first_command_watches_it_start(helm: Helm, mode: str) -> None:
    text = notes(helm, **{mode: ["people", "factory"]})
    first, _, third = commands(text)
    assert first == "kubectl -n figgo rollout status deployment/acme-figgo-calendar-sync"
    assert "may read the labelled Secrets of people, factory already" in text
    assert third == "kubectl -n people get calendarsynctenants --watch"


def test_who_gives_the_rights_himself_is_told_to_whom(helm: Helm) -> None:
    text = notes(helm, rbac={"create": False})
    assert "give figgo:acme-figgo-calendar-sync the rights" in text
    assert "rolebinding" not in text
    assert "may read the labelled Secrets" not in text


def test_the_example_is_that_of_the_documentation(helm: Helm) -> None:
    _, second, _ = commands(notes(helm))
    head, _, body = second.partition("\n")
    assert head == "kubectl apply -f - <<'END'"
    example = (ROOT / "docs" / "examples" / "acme.yaml").read_text()
    assert body == f"{example.strip()}\nEND"


@pytest.mark.parametrize("operator_class", ["canary", "1", "true", "null"])
def test_the_example_fits_the_values(helm: Helm, operator_class: str) -> None:
    _, second, _ = commands(
        notes(
            helm,
            operatorClass=operator_class,
            tenantNamespaces=["people"],
            hosts={"exchange": ["*.acme.example", "mail2.acme.example"]},
        )
    )
    body = second.partition("\n")[2].removesuffix("END")
    objects = list(yaml.safe_load_all(body))
    assert {each["metadata"]["namespace"] for each in objects} == {"people"}
    spec = objects[-1]["spec"]
    assert spec["operatorClass"] == operator_class
    assert spec["calendar"]["exchange"]["serverURL"].startswith("https://mail2.acme.example/")


def test_a_missing_exchange_host_is_warned_of(helm: Helm) -> None:
    assert "WARNING: hosts.exchange is empty" in notes(helm)
    assert "WARNING" not in notes(helm, hosts={"exchange": ["mail.acme.example"]})


def test_older_absences_are_spoken_of_in_the_words_of_the_readme(helm: Helm) -> None:
    def words(text: str) -> str:
        return " ".join(re.sub(r"[>*]", " ", text).split())

    start = "Where are the older absences?"
    told = words(notes(helm).partition(start)[2])
    assert told
    assert told.removesuffix(".") in words((ROOT / "README.md").read_text().partition(start)[2])
