"""The keys and certificates of one control plane, made afresh each time."""

from dataclasses import dataclass
from pathlib import Path

import trustme
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """A certificate and its key, both PEM: the API server reads the user from it."""

    certificate: bytes
    key: bytes


@dataclass(frozen=True, slots=True)
class Certificates:
    """The files that the servers read, and the two identities that may do anything.

    `admin_identity` is a file with the certificate and the key of `admin`.
    """

    ca: Path
    serving_certificate: Path
    serving_key: Path
    service_account_private_key: Path
    service_account_public_key: Path
    admin: ClientCertificate
    admin_identity: Path
    controller_manager: ClientCertificate


def make_certificates(folder: Path) -> Certificates:
    """Write a CA, a serving certificate for loopback and a service account key into `folder`."""
    authority = trustme.CA()
    serving = authority.issue_cert("127.0.0.1", "localhost")
    signing = ec.generate_private_key(ec.SECP256R1())
    made = Certificates(
        ca=folder / "ca.crt",
        serving_certificate=folder / "serving.crt",
        serving_key=folder / "serving.key",
        service_account_private_key=folder / "service-accounts.key",
        service_account_public_key=folder / "service-accounts.pub",
        admin=_superuser(authority, "admin"),
        admin_identity=folder / "admin.pem",
        controller_manager=_superuser(authority, "kube-controller-manager"),
    )
    made.ca.write_bytes(authority.cert_pem.bytes())
    made.serving_certificate.write_bytes(serving.cert_chain_pems[0].bytes())
    made.serving_key.write_bytes(serving.private_key_pem.bytes())
    made.service_account_private_key.write_bytes(
        signing.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    made.service_account_public_key.write_bytes(
        signing.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    made.admin_identity.write_bytes(made.admin.certificate + made.admin.key)
    return made


def _superuser(authority: trustme.CA, name: str) -> ClientCertificate:
    """Make a user of system:masters, whom RBAC never refuses; `name` is what audit shows.

    The identity is only there because an empty list of alternative names is no valid extension.
    """
    leaf = authority.issue_cert(
        f"{name}.invalid", common_name=name, organization_name="system:masters"
    )
    return ClientCertificate(leaf.cert_chain_pems[0].bytes(), leaf.private_key_pem.bytes())
