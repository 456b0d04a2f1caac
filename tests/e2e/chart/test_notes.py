"""The commands of the notes, run as they are printed."""

import os
import re
import subprocess
import sysconfig
from pathlib import Path

import pytest

from support.releases import Releases

COMMAND = re.compile(r"^kubectl .*?(?=\n\n)", re.MULTILINE | re.DOTALL)


def run(releases: Releases, command: str, home: Path) -> str:
    """Run a command in a shell as a user would paste it; return what it prints."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],  # noqa: S607 - any bash
        env={
            "PATH": f"{sysconfig.get_path('scripts')}:{os.environ.get('PATH', os.defpath)}",
            "HOME": str(home),
            "KUBECONFIG": str(releases.plane.admin_kubeconfig),
            "KUBERC": "off",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("mode", ["cluster", "tenantNamespaces", "watchNamespaces"])
def test_the_commands_of_the_notes_work(
    applied: Releases, namespace: str, other_namespace: str, tmp_path: Path, mode: str
) -> None:
    values: dict[str, object] = {
        "cluster": {},
        "tenantNamespaces": {"tenantNamespaces": [other_namespace]},
        "watchNamespaces": {"watchNamespaces": [other_namespace], "operatorClass": "canary"},
    }[mode]
    printed = applied.install("acme", namespace, **values) + "\n\n"
    # What is printed names the namespace of the documentation where the values name none.
    first, second, third = COMMAND.findall(
        printed.replace("-n hr ", f"-n {other_namespace} ").replace(
            "namespace: hr\n", f"namespace: {other_namespace}\n"
        )
    )
    if mode != "cluster":
        # No pod ever runs here: it would wait for one.
        assert "Waiting for deployment" in run(applied, f"{first} --watch=false", tmp_path)
    else:
        run(applied, first, tmp_path)
    assert "calendarsynctenant.figgosync.io/acme created" in run(applied, second, tmp_path)
    watch = f"timeout 1 {third} || test $? = 124"
    assert re.search(r"^acme ", run(applied, watch, tmp_path), re.MULTILINE)
    account = f"{namespace}:acme-figgo-calendar-sync"
    applied.expect_allowed(account, "get", "secrets", other_namespace)
    served = applied.plane.kubectl(
        "get", "cst", "acme", f"--namespace={other_namespace}", "-o=jsonpath={.spec.operatorClass}"
    )
    assert served == ("canary" if mode == "watchNamespaces" else "default")
