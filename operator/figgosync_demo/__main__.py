"""`python -m figgosync_demo`: everything up, the story played, everything down again."""

import argparse
import json
import os
import signal
import sys
import tempfile
import threading
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path

from figgosync_controlplane.binaries import find_binaries
from figgosync_controlplane.errors import ControlPlaneError
from figgosync_controlplane.plane import ControlPlane
from figgosync_controlplane.progress import Progress
from figgosync_demo.installation import (
    OperatorDiedError,
    OperatorProcess,
    install,
    let_read_secrets,
)
from figgosync_demo.manifests import (
    NAMESPACE,
    TENANT,
    exchange_secret,
    figgo_secret,
    operator_settings,
    tenant,
)
from figgosync_demo.screen import Screen
from figgosync_demo.story import NotAsToldError, Story
from figgosync_sim.stage import Stage

CONTROL_TOKEN = "demo"  # noqa: S105 - opens a toy on the loopback address


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
    except (ControlPlaneError, OperatorDiedError, NotAsToldError, TimeoutError) as error:
        sys.exit(f"The demo failed. {error}")
    except KeyboardInterrupt:
        sys.exit(130)


def _play(stack: ExitStack, *, stay: bool) -> None:
    binaries = find_binaries(os.environ, Progress(sys.stderr))
    screen = Screen()
    screen.title("figgo-calendar-sync: Figgo → operator in a real Kubernetes API server → Outlook")
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="figgosync-demo-")))
    stage = stack.enter_context(Stage(folder, control_token=CONTROL_TOKEN if stay else None))
    plane = stack.enter_context(ControlPlane.start(binaries))
    version = plane.kubectl("version").splitlines()[-1].split()[-1]
    screen.line(f"etcd, kube-apiserver and kube-controller-manager {version} are ready")
    screen.line("a simulated Figgo with 25 people in two establishments, and a simulated Exchange")
    install(plane)
    plane.kubectl("create", "namespace", NAMESPACE)
    let_read_secrets(plane, NAMESPACE)
    screen.line("custom resource definition, ServiceAccount and roles are applied")
    log = folder / "operator.log"
    operator = stack.enter_context(OperatorProcess(plane, log, operator_settings(stage)))
    screen.line(f"the operator runs as process {operator.pid}, under its own ServiceAccount")
    _apply_tenant(plane, stage, screen)
    if stay:
        _stay(plane, stage, screen, log)
        return
    story = Story(plane, stage, operator, screen)
    story.play(_next_monday())
    _sum_up(story, operator)


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
    stage, plane, screen = story.stage, story.plane, story.screen
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


def _stay(plane: ControlPlane, stage: Stage, screen: Screen, log: Path) -> None:
    screen.title("All is up; Ctrl-C ends it")
    bearer = f"curl -s -X POST -H 'Authorization: Bearer {CONTROL_TOKEN}'"
    figgo, exchange = stage.figgo.control_url, stage.exchange.control_url
    monday = _next_monday()
    booking = json.dumps(
        {"owner": 1202, "first": [f"{monday}", "AM"], "last": [f"{monday}", "PM"], "account": 8}
    )
    address = json.dumps({"address": "awa.mercier@societe.example"})
    commands = [
        f"export KUBECONFIG={plane.admin_kubeconfig}",
        f"kubectl -n {NAMESPACE} get cst -w",
        f"{bearer} {figgo}/_control/people",
        f"{bearer} {figgo}/_control/book -d '{booking}'   # answers with the period's number",
        f"{bearer} {figgo}/_control/approve -d '{{\"period\": NUMBER}}'",
        f"{bearer} {exchange}/_control/calendar -d '{address}'",
        f"tail -f {log}",
    ]
    for command in commands:
        screen.command(command, "")
    stopped = threading.Event()
    stopped.wait()


if __name__ == "__main__":
    main()
