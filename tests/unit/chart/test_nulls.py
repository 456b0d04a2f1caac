"""A value that is null: helm takes its default away, be it by a blank line or by --reuse-values."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml

from figgosync_controlplane.helm import Helm, HelmError
from support.chart import CHART, PREVIOUS_CHART, render

ALL_KINDS = (
    "--api-versions=monitoring.coreos.com/v1/PodMonitor",
    "--api-versions=monitoring.coreos.com/v1/PrometheusRule",
)
VALUES: dict[str, Any] = yaml.safe_load((CHART / "values.yaml").read_text())

# What may be taken away, as the cluster itself then says what holds instead.
TO_BE_LEFT_OUT = re.compile(r"resources\b.*|(podSecurityContext|securityContext)[.].*")


def _paths(values: Mapping[str, Any], *above: str) -> Iterator[tuple[str, ...]]:
    for key, value in values.items():
        yield (*above, key)
        if isinstance(value, dict):
            yield from _paths(value, *above, key)


PATHS = {".".join(path): path for path in _paths(VALUES)}
assert len(PATHS) > len(VALUES) > 0


def _null(path: tuple[str, ...]) -> dict[str, Any]:
    values: Any = None
    for key in reversed(path):
        values = {key: values}
    taken_away: dict[str, Any] = values
    return taken_away


def _refusal(helm: Helm, values: Mapping[str, Any]) -> str | None:
    try:
        render(helm, values, *ALL_KINDS)
    except HelmError as error:
        return error.stderr
    return None


@pytest.mark.parametrize(
    "path",
    [each for name, each in PATHS.items() if not TO_BE_LEFT_OUT.fullmatch(name)],
    ids=".".join,
)
def test_a_null_is_as_good_as_the_default_or_refused_by_name(
    helm: Helm, path: tuple[str, ...]
) -> None:
    refusal = _refusal(helm, _null(path))
    place = "/".join(("", *path[:-1]))
    if refusal is None:
        assert render(helm, _null(path), *ALL_KINDS) == render(helm, {}, *ALL_KINDS)
    else:
        assert f"at '{place}': missing property '{path[-1]}'" in refusal


def test_the_values_of_an_older_chart_alone_are_refused_by_name(helm: Helm) -> None:
    """As `helm upgrade --reuse-values` has them, without the defaults that came since."""
    older = yaml.safe_load(helm.run("show", "values", str(PREVIOUS_CHART)))
    taken_away = dict.fromkeys(VALUES.keys() - older.keys())
    assert "operatorClass" in taken_away
    with pytest.raises(HelmError, match=r"missing propert.*'operatorClass'"):
        render(helm, {**older, **taken_away})
