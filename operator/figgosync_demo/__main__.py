"""`python -m figgosync_demo`: everything up, the story played, everything down again."""

import argparse
import json
import os
import signal
import sys
import sysconfig
import tempfile
import threading
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path

import yaml

from figgosync_controlplane.binaries import find_binaries
from figgosync_controlplane.errors import ControlPlaneError
from figgosync_controlplane.helm import Helm, find_helm
from figgosync_controlplane.plane import ControlPlane
from figgosync_controlplane.ports import spare_port
from figgosync_controlplane.progress import Progress
from figgosync_demo.backfill import BACKFILL, PEOPLE, Backfill
from figgosync_demo.installation import OperatorProcess, Release
from figgosync_demo.manifests import (
    NAMESPACE,
    TENANT,
    chart_values,
    exchange_secret,
    figgo_secret,
    initialisation,
    tenant,
)
from figgosync_demo.screen import Screen
from figgosync_demo.story import NotAsToldError, Story
from figgosync_demo.terminal import Terminal
from figgosync_kubelet.errors import PodDiedError, PodError
from figgosync_sim.stage import Stage

CONTROL_TOKEN = "demo"  # noqa: S105 - opens a toy on the loopback address
_RENEW_EVERY = timedelta(minutes=10)


def main() -> None:
    """Play the demo; exit 1 with one sentence where something is not as it should be."""
    parser = argparse.ArgumentParser(prog="figgosync_demo", description=__doc__)
    parser.add_argument(
        "--stay", action="store_true", help="leave everything running, to play with"
    )
    stay = parser.parse_args().stay
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with ExitStack() as stack:
            _play(stack, stay=stay)
    except (ControlPlaneError, PodError, PodDiedError, NotAsToldError, TimeoutError) as error:
        sys.exit(f"The demo failed. {error}")
    except KeyboardInterrupt:
        sys.exit(130)


def _play(stack: ExitStack, *, stay: bool) -> None:
    progress = Progress(sys.stderr)
    binaries, helm = find_binaries(os.environ, progress), find_helm(os.environ, progress)
    screen = Screen()
    screen.title("figgo-calendar-sync: Figgo → operator in a real Kubernetes API server → Outlook")
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="figgosync-demo-")))
    stage = stack.enter_context(Stage(folder, control_token=CONTROL_TOKEN if stay else None))
    plane = stack.enter_context(ControlPlane.start(binaries))
    version = plane.kubectl("version").splitlines()[-1].split()[-1]
    screen.line(f"etcd, kube-apiserver and kube-controller-manager {version} are ready")
    screen.line("a simulated Figgo with 25 people in two establishments, and a simulated Exchange")
    terminal = Terminal(plane, screen)
    backfill = Backfill(stage, terminal, screen, _next_monday())
    backfill.book()
    screen.line(f"{len(PEOPLE)} of them have booked their holidays already, before all this began")
    release = Release(plane, Helm(helm, plane.admin_kubeconfig))
    _install(release, stage, screen, folder / "values.yaml")
    log = folder / "operator.log"
    operator = stack.enter_context(OperatorProcess(release, log))
    screen.line(f"no node runs pods here: process {operator.pid} is what the Deployment says,")
    screen.line("its command, environment, files and probes, under the chart's ServiceAccount")
    _apply_tenant(plane, stage, screen)
    if stay:
        file = folder / "backfill.yaml"
        file.write_text(initialisation(BACKFILL, backfill.first_day))
        _stay(release, helm, operator, stage, screen, backfill=file)
        return
    backfill.play()
    story = Story(terminal, stage, operator, screen)
    story.play(_next_monday())
    _sum_up(story, operator)


def _install(release: Release, stage: Stage, screen: Screen, file: Path) -> None:
    plane = release.plane
    plane.kubectl("create", "namespace", NAMESPACE)
    screen.command(f"kubectl create namespace {NAMESPACE}", f"namespace/{NAMESPACE} created")
    values = chart_values(stage, port=spare_port(), namespaces=[NAMESPACE])
    file.write_text(json.dumps(values))  # which is YAML, too
    shown = {**values, "caBundle": {"pem": "-----BEGIN CERTIFICATE----- ..."}}
    screen.command("cat values.yaml", yaml.safe_dump(shown, sort_keys=False, width=200))
    where = f"--namespace={release.namespace}"
    screen.command(
        f"helm upgrade --install {release.name} helm/figgo-calendar-sync {where}"
        " --create-namespace --values=values.yaml",
        release.install(values),
    )
    kinds = "deployments,services,serviceaccounts,configmaps,rolebindings"
    screen.command(
        f"kubectl get {kinds} -A -l app.kubernetes.io/instance={release.name}",
        plane.kubectl("get", kinds, "-A", "-l", f"app.kubernetes.io/instance={release.name}"),
    )


def _apply_tenant(plane: ControlPlane, stage: Stage, screen: Screen) -> None:
    manifest = "---".join((figgo_secret(), exchange_secret(), tenant(stage)))
    screen.command("kubectl apply -f acme.yaml", plane.kubectl("apply", "-f", "-", stdin=manifest))
    ready = ("wait", f"--namespace={NAMESPACE}", f"cst/{TENANT}", "--for=condition=Ready")
    plane.kubectl(*ready, "--timeout=30s")
    screen.command(
        f"kubectl -n {NAMESPACE} get cst",
        plane.kubectl("get", "cst", f"--namespace={NAMESPACE}"),
    )
    screen.line("one employee has no mail address in Figgo: the status names the id and the remedy")


def _next_monday() -> date:
    """Return a Monday some weeks ahead, so that the week is in no past whatever the zone."""
    today = date.today()  # noqa: DTZ011 - a day in three weeks, in any zone
    return today + timedelta(days=21 - today.weekday())


def _sum_up(story: Story, operator: OperatorProcess) -> None:
    stage, plane, screen = story.stage, story.terminal.plane, story.screen
    described = plane.kubectl("describe", "cst", TENANT, f"--namespace={NAMESPACE}")
    screen.title("What the cluster says")
    screen.command(
        f"kubectl -n {NAMESPACE} describe cst {TENANT} | sed -n '/^Events/,$p'",
        described[described.rindex("\nEvents:") + 1 :],
    )
    code, seconds = operator.stop()
    screen.summary(
        story.times,
        [
            ("requests to Figgo", str(len(stage.figgo.log))),
            ("requests to Exchange", str(len(stage.exchange.log))),
            ("people notified by mail", str(stage.act(stage.exchange.store.notifications))),
            ("logins refused by Exchange", str(stage.act(stage.exchange.accounts.failures))),
            ("the operator ended", f"in {seconds:.1f} s with exit code {code}"),
            ("the whole demo took", f"{screen.elapsed:.0f} s"),
        ],
    )
    screen.line(
        "After the first step the story asks for a poll at once (figgosync.io/requestedAt);"
    )
    screen.line("left alone, a change waits for the next poll: 10 s here, 20 s by default.")


def _stay(
    release: Release,
    helm: Path,
    operator: OperatorProcess,
    stage: Stage,
    screen: Screen,
    *,
    backfill: Path,
) -> None:
    screen.title("All is up; Ctrl-C ends it")
    bearer = f"curl -s -X POST -H 'Authorization: Bearer {CONTROL_TOKEN}'"
    figgo, exchange = stage.figgo.control_url, stage.exchange.control_url
    monday = _next_monday()
    booking = json.dumps(
        {"owner": 1202, "first": [f"{monday}", "AM"], "last": [f"{monday}", "PM"], "account": 8}
    )
    address = json.dumps({"address": "awa.mercier@societe.example"})
    tools = os.pathsep.join((str(helm.parent), sysconfig.get_path("scripts")))
    commands = [
        f"export KUBECONFIG={release.plane.admin_kubeconfig} PATH={tools}:$PATH",
        f"kubectl -n {NAMESPACE} get cst -w",
        f"kubectl apply -f {backfill}   # brings in what is older than the tenant",
        f"kubectl -n {NAMESPACE} get syncinit -w",
        f"helm -n {release.namespace} get values {release.name}",
        f"{bearer} {figgo}/_control/people",
        f"{bearer} {figgo}/_control/book -d '{booking}'   # answers with the period's number",
        f"{bearer} {figgo}/_control/approve -d '{{\"period\": NUMBER}}'",
        f"{bearer} {exchange}/_control/calendar -d '{address}'",
        f"tail -f {operator.log}",
    ]
    for command in commands:
        screen.command(command, "")
    stopped = threading.Event()
    while not stopped.wait(_RENEW_EVERY.total_seconds()):
        operator.check()
        operator.refresh()  # its token lasts for an hour


if __name__ == "__main__":
    main()
