"""Rules made worse on purpose: the cases of an alert must notice each of them.

A case that passes whatever the rule says proves nothing. So every part of every expression is
taken out or changed, one at a time, and promtool must complain of what then fires or does not.
"""

import re
from collections.abc import Callable, Mapping

import pytest

from support.promtool import ALERTS, Promtool, Rule, RuleFiles, each_case_of
from unit.alerts.mutants import WORSE

Change = Callable[[Rule], Rule | None]
"""Makes a rule worse, or (None) takes it away."""


def _expression(old: str, new: str) -> Callable[[Rule], Rule]:
    def change(rule: Rule) -> Rule:
        changed, times = re.subn(old, new, rule["expr"], flags=re.MULTILINE)
        assert times > 0, f"{old} is not in {rule['expr']}"
        return {**rule, "expr": changed}

    return change


def _doubled(duration: str) -> str:
    return f"{int(duration[:-1]) * 2}{duration[-1]}"


_OF_EVERY_RULE: dict[str, Change] = {
    "the rule is gone": lambda _: None,
    "it always fires": lambda rule: {**rule, "expr": f"{rule['expr']} or vector(1)"},
    "another severity": lambda rule: {**rule, "labels": {**rule["labels"], "severity": "page"}},
    "another remedy": lambda rule: {
        **rule,
        "annotations": {**rule["annotations"], "description": "?"},
    },
}
_OF_EVERY_DELAY: dict[str, Change] = {
    "at once": lambda rule: {**rule, "for": "0s"},
    "after twice the time": lambda rule: {**rule, "for": _doubled(rule["for"])},
}
_WITHOUT_DELAY = {"FiggosyncOperatorRestarting", "FiggosyncInitialisationFailed"}


def mutants_of(alert: str) -> dict[str, Change]:
    """Return all that is done to the rule of an alert."""
    own = {name: _expression(old, new) for name, old, new in WORSE[alert]}
    delays = {} if alert in _WITHOUT_DELAY else _OF_EVERY_DELAY
    mutants = _OF_EVERY_RULE | delays | own
    assert len(mutants) == len(_OF_EVERY_RULE) + len(delays) + len(WORSE[alert]), "one name twice"
    return mutants


def test_every_alert_has_mutants_of_its_own() -> None:
    assert list(WORSE) == ALERTS


@pytest.mark.parametrize("alert", ALERTS)
def test_the_cases_notice_every_rule_that_is_worse(
    promtool: Promtool, ours: Mapping[str, Rule], second: Mapping[str, Rule], alert: str
) -> None:
    worse: dict[str, RuleFiles] = {}
    for name, change in mutants_of(alert).items():
        changed = {
            file: change(rules[alert])
            for file, rules in (("rules.yaml", ours), ("second.yaml", second))
        }
        worse[name] = {file: {alert: rule} if rule else {} for file, rule in changed.items()}
    for case in each_case_of(alert):
        # Whom one case has noticed, the others need not.
        complaints = promtool.play(case, worse)
        # "got" is in a failed expectation, and not where promtool cannot read the mutant at all.
        worse = {name: files for name, files in worse.items() if "got:" not in complaints[name]}
        if not worse:
            break
    assert list(worse) == []
