"""Rules made worse on purpose: the cases of an alert must notice each of them.

A case that passes whatever the rule says proves nothing. So every part of every expression is
taken out or changed, one at a time, and promtool must complain of what then fires or does not.
"""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

import pytest

from support.promtool import ALERTS, Promtool, Rule
from unit.alerts.mutants import WORSE


class Mutant(NamedTuple):
    alert: str
    change: Callable[[Rule], Rule | None]


def _expression(old: str, new: str) -> Callable[[Rule], Rule]:
    def change(rule: Rule) -> Rule:
        changed, times = re.subn(old, new, rule["expr"], flags=re.MULTILINE)
        assert times > 0, f"{old} is not in {rule['expr']}"
        return {**rule, "expr": changed}

    return change


def _doubled(duration: str) -> str:
    return f"{int(duration[:-1]) * 2}{duration[-1]}"


def _of_every_rule(alert: str) -> dict[str, Mutant]:
    return {
        f"{alert}: the rule is gone": Mutant(alert, lambda _: None),
        f"{alert}: it always fires": Mutant(
            alert, lambda rule: {**rule, "expr": f"{rule['expr']} or vector(1)"}
        ),
        f"{alert}: another severity": Mutant(
            alert, lambda rule: {**rule, "labels": {**rule["labels"], "severity": "page"}}
        ),
        f"{alert}: another remedy": Mutant(
            alert, lambda rule: {**rule, "annotations": {**rule["annotations"], "description": "?"}}
        ),
    }


def _of_every_delay(alert: str) -> dict[str, Mutant]:
    if alert in {"FiggosyncOperatorRestarting", "FiggosyncInitialisationFailed"}:  # without delay
        return {}
    return {
        f"{alert}: at once": Mutant(alert, lambda rule: {**rule, "for": "0s"}),
        f"{alert}: after twice the time": Mutant(
            alert, lambda rule: {**rule, "for": _doubled(rule["for"])}
        ),
    }


ALL = {
    f"{alert}: {name}": Mutant(alert, _expression(old, new))
    for alert, mutants in WORSE.items()
    for name, old, new in mutants
}
for _alert in ALERTS:
    ALL |= _of_every_rule(_alert) | _of_every_delay(_alert)


def test_every_alert_has_mutants_of_its_own() -> None:
    assert list(WORSE) == ALERTS


@pytest.mark.parametrize("name", ALL)
def test_the_cases_notice_a_rule_that_is_worse(
    promtool: Promtool, ours: Mapping[str, Rule], second: Mapping[str, Rule], name: str
) -> None:
    mutant = ALL[name]
    for file, rules in (("rules.yaml", ours), ("second.yaml", second)):
        changed = mutant.change(rules[mutant.alert])
        promtool.write(file, {} if changed is None else {mutant.alert: changed})
    # "got" is in a failed expectation, and not where promtool cannot read the mutant at all.
    assert "got:" in promtool.test(mutant.alert)
