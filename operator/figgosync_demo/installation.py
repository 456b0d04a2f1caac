"""Installs the operator on a control plane as an administrator would, and runs it as a process."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Self

from figgosync_controlplane.plane import ControlPlane

ROOT = Path(__file__).parents[2]
SYSTEM_NAMESPACE = "figgo-calendar-sync"
SERVICE_ACCOUNT = "figgosync"


class OperatorDiedError(Exception):
    """The operator's process ended by itself; the message holds the end of its log."""


def install(plane: ControlPlane) -> None:
    """Apply the CRDs and the operator's ServiceAccount with its rights."""
    plane.kubectl("apply", "--server-side", "--filename", str(ROOT / "crds"))
    plane.kubectl("wait", "--for=condition=Established", "--filename", str(ROOT / "crds"))
    plane.kubectl("create", "namespace", SYSTEM_NAMESPACE)
    plane.kubectl("apply", f"--namespace={SYSTEM_NAMESPACE}", f"--filename={ROOT}/deploy/rbac.yaml")


def let_read_secrets(plane: ControlPlane, namespace: str) -> None:
    """Let the operator read the labelled Secrets of one namespace, as the README says."""
    plane.kubectl(
        "apply", f"--namespace={namespace}", f"--filename={ROOT}/deploy/tenant-namespace.yaml"
    )


class OperatorProcess:
    """The operator, run by `figgosync` under its own ServiceAccount.

    `log` is where it writes. Used in a `with` block, which ends it by SIGTERM; it may be killed
    and started again in between.
    """

    def __init__(
        self, plane: ControlPlane, log: Path, settings: dict[str, str], *, name: str = "operator"
    ) -> None:
        self._plane = plane
        self._settings = settings
        self._name = name
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._begins_at = 0

    def start(self) -> None:
        """Start it; return at once."""
        token = self._plane.create_token(SYSTEM_NAMESPACE, SERVICE_ACCOUNT)
        kubeconfig = self._plane.kubeconfig_for_token(token)
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "PYTHONPATH": str(ROOT / "operator"),
            "KUBECONFIG": str(kubeconfig),
            "FIGGOSYNC_HTTP_PORT": "0",
            **self._settings,
        }
        self._begins_at = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "figgosync"],
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd="/",
            )

    def __enter__(self) -> Self:
        """Start it and wait until it is ready."""
        self.start()
        self.wait_ready()
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self.stop()

    @property
    def pid(self) -> int:
        """The process id."""
        assert self._process is not None  # noqa: S101 - a caller's mistake
        return self._process.pid

    def wait_ready(self, within: float = 30.0) -> None:
        """Wait for /readyz. Raises OperatorDiedError, or TimeoutError with what it waits for."""
        deadline = time.monotonic() + within
        answer = "no answer"
        while time.monotonic() < deadline:
            self.check()
            status, answer = self.get("/readyz")
            if status == 200:  # noqa: PLR2004 - HTTP
                return
            time.sleep(0.05)
        raise TimeoutError(f"the operator is not ready after {within:g} s: {answer}")

    def check(self) -> None:
        """Raise OperatorDiedError if it has ended by itself."""
        if self._process is not None and self._process.poll() is not None:
            tail = self.log.read_text()[-4000:]
            raise OperatorDiedError(f"exit code {self._process.returncode}\n{tail}")

    def get(self, path: str) -> tuple[int, str]:
        """Ask its own HTTP server; status 0 while there is none."""
        port = self._port()
        if port is None:
            return 0, "no port yet"
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)

    def stop(self) -> tuple[int, float]:
        """End it by SIGTERM; return the exit code and the seconds that it took."""
        return self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a node that loses power would."""
        self._end(signal.SIGKILL)

    def lines(self) -> list[dict[str, object]]:
        """Return what it has logged since it was last started, one object a line."""
        with self.log.open("rb") as log:
            log.seek(self._begins_at)
            return [_parsed(line) for line in log.read().decode().splitlines() if line.strip()]

    def _port(self) -> int | None:
        if not self.log.exists():
            return None
        for line in self.lines():
            if line.get("message") == "operator started":
                return int(str(line["port"]))
        return None

    def _end(self, sign: signal.Signals) -> tuple[int, float]:
        process, self._process = self._process, None
        if process is None:
            return 0, 0.0
        began = time.monotonic()
        process.send_signal(sign)
        try:
            code = process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        return code, time.monotonic() - began


def _parsed(line: str) -> dict[str, object]:
    try:
        value = json.loads(line)
    except ValueError:
        return {"level": "UNPARSED", "message": line}
    return value if isinstance(value, dict) else {"level": "UNPARSED", "message": line}
