"""The three servers as one: started in the order of their needs, stopped in the reverse."""

import json
import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from figgosync_controlplane.binaries import Binaries
from figgosync_controlplane.certificates import Certificates
from figgosync_controlplane.commands import (
    ETCD_SOCKET,
    apiserver_command,
    controller_manager_command,
    etcd_command,
)
from figgosync_controlplane.kubeconfig import certificate_user, write_kubeconfig
from figgosync_controlplane.ports import LOOPBACK, ReservedPort
from figgosync_controlplane.processes import Launcher, Process
from figgosync_controlplane.readiness import (
    answers_readyz,
    raise_if_dead,
    wait_until_ready,
)

_READY_WITHIN = timedelta(seconds=90)  # each; all three together take 3 to 6 s on two idle cores
_GRACE = timedelta(seconds=10)
# One line for each request: who, which verb, which object, which answer; never a body.
_AUDIT_POLICY = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived"],
    "rules": [{"level": "Metadata"}],
}


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folder in which the servers run, and what lies in it."""

    folder: Path
    logs: Path
    certificates: Certificates
    audit_log: Path | None


class Servers:
    """Etcd, kube-apiserver and kube-controller-manager, none of them running at first.

    `processes` holds those that were started, in that order; `url` is the API server's.
    """

    def __init__(self, binaries: Binaries, workspace: Workspace) -> None:
        self.processes: list[Process] = []
        self.url = ""
        self._binaries = binaries
        self._workspace = workspace
        # Nothing of the caller's environment: etcd reads any ETCD_*, Go any proxy.
        environment = {"PATH": os.defpath, "HOME": str(workspace.folder)}
        self._launcher = Launcher(workspace.folder, workspace.logs, environment)

    def start(self) -> None:
        """Start all and wait for each; raises ControlPlaneError, leaving `stop` to the caller."""
        self._start_etcd()
        with ReservedPort() as port:
            self._start_apiserver(port.number)
        self._start_controller_manager()

    def check(self) -> None:
        """Raise ControlPlaneError if a server that was started has ended."""
        for process in self.processes:
            raise_if_dead(process)

    def stop(self) -> None:
        """Stop what runs, the last started first; a second call does nothing.

        A kube-apiserver whose etcd is gone hangs for minutes, hence the order. Whatever interrupts
        the wait (a second Ctrl-C), nothing is left running.
        """
        try:
            for process in reversed(self.processes):
                process.stop(_GRACE)
        finally:
            for process in self.processes:
                process.kill()
            self._launcher.close()

    def _start_etcd(self) -> None:
        folder = self._workspace.folder
        etcd = self._launch("etcd", etcd_command(self._binaries.etcd, folder / "data"))
        # Connecting would need the absolute path, which is often too long. From its bind(2) on
        # the kernel keeps connections for etcd, and the API server repeats one that is refused.
        wait_until_ready(etcd, (folder / ETCD_SOCKET).is_socket, _READY_WITHIN)

    def _start_apiserver(self, port: int) -> None:
        audit = None
        if self._workspace.audit_log is not None:
            policy = self._workspace.folder / "audit-policy.json"
            policy.write_text(json.dumps(_AUDIT_POLICY))
            audit = (policy, self._workspace.audit_log)
        certificates = self._workspace.certificates
        apiserver = self._launch(
            "kube-apiserver",
            apiserver_command(self._binaries.kube_apiserver, certificates, port, audit),
        )
        wait_until_ready(apiserver, lambda: answers_readyz(port, certificates.ca), _READY_WITHIN)
        self.url = f"https://{LOOPBACK}:{port}"

    def _start_controller_manager(self) -> None:
        certificates = self._workspace.certificates
        kubeconfig = self._workspace.folder / "controller-manager.kubeconfig"
        user = certificate_user(certificates.controller_manager)
        write_kubeconfig(kubeconfig, self.url, certificates.ca.read_bytes(), user)
        binary = self._binaries.kube_controller_manager
        self._launch(
            "kube-controller-manager", controller_manager_command(binary, certificates, kubeconfig)
        )

    def _launch(self, name: str, command: list[str]) -> Process:
        process = self._launcher.start(name, command)
        self.processes.append(process)
        return process
