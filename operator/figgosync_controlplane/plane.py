"""A control plane of one's own: what its users see of the servers, and its folder's end."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Self

from figgosync_controlplane.binaries import Binaries
from figgosync_controlplane.certificates import make_certificates
from figgosync_controlplane.errors import ControlPlaneError
from figgosync_controlplane.kubeconfig import certificate_user, token_user, write_kubeconfig
from figgosync_controlplane.kubectl import Kubectl
from figgosync_controlplane.rest import Rest
from figgosync_controlplane.servers import Servers, Workspace


class ControlPlane:
    """A running etcd, kube-apiserver and kube-controller-manager; made by `start` alone.

    Used in a `with` block, or ended by `stop`. The servers die with this process, however it dies
    (on Linux). `logs` is the folder with a log of each server; `rest` asks the API server as the
    administrator, for programs; what people would type is asked by `kubectl`.
    """

    def __init__(self, servers: Servers, workspace: Workspace) -> None:
        self._servers = servers
        self._workspace = workspace
        self._kubectl = Kubectl(workspace.folder)
        self._tokens = 0
        self._logs_kept = False
        self.ca_file = workspace.certificates.ca
        self.logs = workspace.logs
        self.admin_kubeconfig = workspace.folder / "admin.kubeconfig"
        self._write_kubeconfig(
            self.admin_kubeconfig, certificate_user(workspace.certificates.admin)
        )
        self.rest = Rest(servers.url, self.ca_file, workspace.certificates.admin_identity)

    @classmethod
    def start(cls, binaries: Binaries, *, audit_log: Path | None = None) -> Self:
        """Return a control plane that is ready; `audit_log` gets one JSON line for each request.

        Raises ControlPlaneError, with the end of the log, when a server dies or is not ready in
        time; nothing runs then, and the logs are kept.
        """
        workspace = _make_workspace(audit_log)
        servers = Servers(binaries, workspace)
        try:
            servers.start()
            return cls(servers, workspace)
        except ControlPlaneError as error:
            _end(servers, workspace, keep_logs=True)
            raise ControlPlaneError(f"{error}\nAll logs: {workspace.logs}") from error
        except BaseException:
            _end(servers, workspace, keep_logs=False)
            raise

    @property
    def url(self) -> str:
        """Where the API server listens: https, a loopback address, a port of its own."""
        return self._servers.url

    @property
    def pids(self) -> dict[str, int]:
        """The process id of each server, in the order in which they started."""
        return {process.name: process.pid for process in self._servers.processes}

    def check(self) -> None:
        """Raise ControlPlaneError, with the end of the log, if a server has died."""
        self._servers.check()

    def kubectl(
        self, *arguments: str, stdin: str | None = None, kubeconfig: Path | None = None
    ) -> str:
        """Return what kubectl prints, as the administrator unless `kubeconfig` is another user's.

        Raises KubectlError when it refuses, ControlPlaneError when it hangs.
        """
        return self._kubectl.run(
            *arguments, stdin=stdin, kubeconfig=kubeconfig or self.admin_kubeconfig
        )

    def follow(self, *arguments: str) -> AbstractContextManager[Iterator[str]]:
        """Return the lines of the administrator's kubectl that watches, for a minute at most."""
        return self._kubectl.follow(*arguments, kubeconfig=self.admin_kubeconfig)

    def create_token(self, namespace: str, service_account: str) -> str:
        """Return a token of the ServiceAccount, valid for an hour, as a pod would mount it."""
        return self.kubectl("create", "token", service_account, "--namespace", namespace).strip()

    def kubeconfig_for_token(self, token: str) -> Path:
        """Write a kubeconfig for whoever `token` belongs to; return where it is."""
        self._tokens += 1
        path = self._workspace.folder / f"token-{self._tokens}.kubeconfig"
        self._write_kubeconfig(path, token_user(token))
        return path

    def keep_logs(self) -> None:
        """Leave the folder `logs` in place when it stops: something went wrong."""
        self._logs_kept = True

    def stop(self) -> None:
        """Stop the servers and remove all files, but for the logs if they shall be kept."""
        _end(self._servers, self._workspace, keep_logs=self._logs_kept)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Ctrl-C is no failure that a log would explain.
        self._logs_kept |= isinstance(error, Exception)
        try:
            if error is None:
                self._check_before_stopping()
        finally:
            self.stop()

    def _check_before_stopping(self) -> None:
        try:
            self.check()
        except ControlPlaneError as died:
            self.keep_logs()
            raise ControlPlaneError(f"{died}\nAll logs: {self.logs}") from died

    def _write_kubeconfig(self, path: Path, user: dict[str, str]) -> None:
        write_kubeconfig(path, self.url, self.ca_file.read_bytes(), user)


def _make_workspace(audit_log: Path | None) -> Workspace:
    folder = Path(tempfile.mkdtemp(prefix="figgosync-controlplane-"))
    logs = folder / "logs"
    logs.mkdir()
    return Workspace(folder, logs, make_certificates(folder), audit_log)


def _end(servers: Servers, workspace: Workspace, *, keep_logs: bool) -> None:
    try:
        servers.stop()
    finally:
        _remove(workspace, keep_logs=keep_logs)


def _remove(workspace: Workspace, *, keep_logs: bool) -> None:
    if not keep_logs:
        shutil.rmtree(workspace.folder, ignore_errors=True)
        return
    for path in workspace.folder.iterdir():
        if path == workspace.logs:
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
