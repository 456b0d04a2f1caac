"""What work rests on is recognised by every process, and whatever changes of it is noticed."""

import subprocess
import sys
from collections.abc import Mapping

import pytest

from figgosync.core.foundation import foundation_of
from figgosync.core.initialisation import Phase
from syncing import tenant

_PRINTED = """
from figgosync.core.foundation import foundation_of
from figgosync.core.initialisation import Phase
from syncing import tenant
domains = [f"domain-{n}.example" for n in range(20)]
print(foundation_of(tenant({"mailbox": {"allowedDomains": domains}}).spec, Phase.PLANNING))
"""


def rests_on(phase: Phase, changes: Mapping[str, object] | None = None) -> str:
    return foundation_of(tenant(changes).spec, phase)


def test_another_process_comes_to_the_same_digits() -> None:
    """Sets of texts are in another order there."""
    printed = {
        subprocess.run(
            [sys.executable, "-c", _PRINTED],
            env={"PYTHONPATH": ":".join(sys.path), "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    (digits,) = printed
    assert len(digits) == 64


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"events.showAbsenceType": True}, id="types"),
        pytest.param({"events.title": "Abwesend"}, id="title"),
        pytest.param({"events.remoteWork": "AsAbsence"}, id="telework"),
        pytest.param({"events.timeZone": "Europe/Madrid"}, id="zone"),
        pytest.param({"legalEntities": [4711]}, id="legal entities"),
        pytest.param({"employees": {"except": [7]}}, id="employees"),
        pytest.param({"mailbox": {"attribute": "Login"}}, id="mailboxes"),
        pytest.param({"activeSince": "2026-01-01T00:00:00Z"}, id="active since"),
    ],
)
def test_a_plan_rests_on_all_that_is_drawn_and_what_was_written_does_not(
    changes: Mapping[str, object],
) -> None:
    assert rests_on(Phase.PLANNING, changes) != rests_on(Phase.PLANNING)
    assert rests_on(Phase.RUNNING, changes) == rests_on(Phase.RUNNING)


@pytest.mark.parametrize("phase", Phase)
def test_both_rest_on_the_server_of_the_calendars(phase: Phase) -> None:
    moved = {"calendar.exchange.serverURL": "https://new.societe.example/EWS/Exchange.asmx"}
    assert rests_on(phase, moved) != rests_on(phase)


@pytest.mark.parametrize("phase", Phase)
def test_neither_rests_on_how_the_work_is_done(phase: Phase) -> None:
    assert rests_on(phase, {"suspend": True}) == rests_on(phase)
    assert rests_on(phase, {"figgo.pollInterval": "60s"}) == rests_on(phase)
