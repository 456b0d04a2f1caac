"""The command lines of the three servers, as values.

Sockets are named relative to the folder in which the servers run: the path of a Unix socket may
have 107 bytes, and temporary folders are often longer.
"""

from pathlib import Path

from figgosync_controlplane.certificates import Certificates
from figgosync_controlplane.ports import LOOPBACK

ETCD_SOCKET = "etcd.sock"
_PEER_SOCKET = "peer.sock"
_ISSUER = "https://kubernetes.default.svc"

# What tests need; the other controllers want nodes, pods or volumes, and cost memory.
_CONTROLLERS = (
    "garbage-collector-controller",
    "namespace-controller",
    "serviceaccount-controller",
    "serviceaccount-token-controller",
    "root-ca-certificate-publisher-controller",
    "ttl-after-finished-controller",
)


def etcd_command(binary: Path, data: Path) -> list[str]:
    """Etcd on Unix sockets: no port to take from anybody, nobody else of the machine to let in."""
    client, peer = f"unix://{ETCD_SOCKET}", f"unix://{_PEER_SOCKET}"
    return [
        str(binary),
        f"--data-dir={data}",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
        "--unsafe-no-fsync",  # the data live as long as the test
        "--log-level=warn",
    ]


def apiserver_command(
    binary: Path, certificates: Certificates, port: int, audit: tuple[Path, Path] | None
) -> list[str]:
    """kube-apiserver as envtest runs it; `audit` is a policy and the file to log to.

    The ServiceAccount admission plugin is off: it would have every pod wait for its account. The
    endpoint reconciler is off, as it refuses to publish a loopback address.
    """
    command = [
        str(binary),
        f"--etcd-servers=unix://{ETCD_SOCKET}",
        f"--bind-address={LOOPBACK}",
        f"--advertise-address={LOOPBACK}",
        f"--secure-port={port}",
        "--permit-port-sharing",  # see ReservedPort
        f"--tls-cert-file={certificates.serving_certificate}",
        f"--tls-private-key-file={certificates.serving_key}",
        f"--client-ca-file={certificates.ca}",
        f"--service-account-issuer={_ISSUER}",
        f"--service-account-key-file={certificates.service_account_public_key}",
        f"--service-account-signing-key-file={certificates.service_account_private_key}",
        "--service-cluster-ip-range=10.0.0.0/24",
        "--endpoint-reconciler-type=none",
        "--authorization-mode=RBAC",
        "--disable-admission-plugins=ServiceAccount",
        "--allow-privileged=true",
    ]
    if audit is not None:
        policy, log = audit
        command += [f"--audit-policy-file={policy}", f"--audit-log-path={log}"]
    return command


def controller_manager_command(
    binary: Path, certificates: Certificates, kubeconfig: Path
) -> list[str]:
    """kube-controller-manager with the few controllers that tests need, serving nothing."""
    return [
        str(binary),
        f"--kubeconfig={kubeconfig}",
        f"--controllers={','.join(_CONTROLLERS)}",
        f"--service-account-private-key-file={certificates.service_account_private_key}",
        f"--root-ca-file={certificates.ca}",
        "--leader-elect=false",
        "--secure-port=0",
    ]
