"""The pod of a Deployment as a process of this machine: started, asked, ended."""

import signal
import subprocess
import time
from datetime import timedelta
from pathlib import Path
from typing import Self

from figgosync_controlplane.plane import ControlPlane
from figgosync_controlplane.processes import ForkingThread
from figgosync_kubelet.cluster import Cluster
from figgosync_kubelet.errors import PodDiedError, PodError
from figgosync_kubelet.podspec import PodSpec, read_deployment
from figgosync_kubelet.probes import get
from figgosync_kubelet.sandbox import Identity, Image, Sandbox

_LOOK = timedelta(milliseconds=50)
_TAIL = 4000
_ASKED_BY_PEOPLE = timedelta(seconds=5)


class Pod:
    """The one pod of a Deployment; `log` is where it writes.

    Each start is a new pod: the Deployment and all that it names are read again, the token is
    new, its empty folders are empty. Used in a `with` block, which ends it by SIGTERM; it may be
    killed and started again in between.
    """

    def __init__(
        self, plane: ControlPlane, namespace: str, deployment: str, log: Path, image: Image
    ) -> None:
        self._cluster = Cluster(plane, namespace)
        self._deployment = deployment
        self._image = image
        self._thread = ForkingThread()
        self._running: _Running | None = None
        self._begins_at = 0
        self.log = log

    def __enter__(self) -> Self:
        """Start it and wait until it is ready."""
        try:
            self.start()
            self.wait_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        try:
            self.stop()
        finally:
            self._thread.close()

    @property
    def pid(self) -> int:
        """The process id of the container's own command."""
        return self._at_work().process.pid

    def start(self) -> None:
        """Start it; return at once. Raises PodError where it cannot be run as the cluster says."""
        if self._running is not None:
            raise PodError("it runs already")
        spec = read_deployment(self._cluster.deployment(self._deployment))
        identity = Identity.new(self._deployment, self._cluster.namespace, spec)
        sandbox = Sandbox(self._cluster, identity, self._image)
        try:
            self._begins_at = self.log.stat().st_size if self.log.exists() else 0
            with self.log.open("ab") as log:
                command, environment = sandbox.command(), sandbox.environment
                process = self._thread.fork(command, Path("/"), environment, log)
        except BaseException:
            sandbox.remove()
            raise
        self._running = _Running(spec, sandbox, process)

    def wait_ready(self, within: float = 30.0) -> None:
        """Wait until all its probes say yes, in the order in which a kubelet asks them.

        Raises PodDiedError, or TimeoutError with what it waits for.
        """
        deadline = time.monotonic() + within
        for name in ("startup", "liveness", "readiness"):
            probe = self._at_work().spec.probes.get(name)
            while probe is not None:
                self.check()
                healthy, answer = probe.ask()
                if healthy:
                    break
                if time.monotonic() > deadline:
                    raise TimeoutError(
                        f"the {name} probe does not answer well after {within:g} s: {answer}"
                    )
                time.sleep(_LOOK.total_seconds())

    def check(self) -> None:
        """Raise PodDiedError if it has ended by itself."""
        if self._running is not None and self._running.process.poll() is not None:
            code = self._running.process.returncode
            raise PodDiedError(f"exit code {code}\n{self.output()[-_TAIL:]}")

    def get(self, path: str) -> tuple[int, str]:
        """Ask the HTTP server that its probes ask; status 0 while there is none."""
        if self._running is None:
            return 0, "it does not run"
        probe = self._running.spec.probes["readiness"]
        return get(probe.port, path, _ASKED_BY_PEOPLE.total_seconds())

    def run(self, *command: str, within: float = 60.0) -> "subprocess.CompletedProcess[str]":
        """Run another command in it, as `kubectl exec` does, and wait until it has ended.

        Its output is its own, and not in the log. Raises PodError where there is no such program.
        """
        sandbox = self._at_work().sandbox
        return subprocess.run(
            sandbox.entering(command),
            cwd="/",
            env=dict(sandbox.environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=within,
            check=False,
        )

    def refresh(self) -> None:
        """Renew its token and its files, as a kubelet does now and then."""
        self._at_work().sandbox.refresh()

    def stop(self) -> tuple[int, float]:
        """End it by SIGTERM; return the exit code and the seconds that it took.

        After the grace period of its Deployment it is killed, and the code is -9. One that does
        not run ended with 0 at once.
        """
        return self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a node that loses power would."""
        self._end(signal.SIGKILL)

    def output(self) -> str:
        """Return what it has written since it was last started."""
        with self.log.open("rb") as log:
            log.seek(self._begins_at)
            return log.read().decode(errors="replace")

    def _at_work(self) -> "_Running":
        if self._running is None:
            raise PodError("it was not started")
        return self._running

    def _end(self, sign: signal.Signals) -> tuple[int, float]:
        running, self._running = self._running, None
        if running is None:
            return 0, 0.0
        began = time.monotonic()
        process = running.process
        try:
            process.send_signal(sign)
            process.wait(running.spec.grace_seconds)
        except subprocess.TimeoutExpired:
            process.kill()
        finally:
            code = process.wait()
            running.sandbox.remove()
        return code, time.monotonic() - began


class _Running:
    """A pod that was started."""

    def __init__(self, spec: PodSpec, sandbox: Sandbox, process: "subprocess.Popen[bytes]") -> None:
        self.spec = spec
        self.sandbox = sandbox
        self.process = process
