"""A certificate authority of the simulators' own, so that clients verify TLS as in real life."""

import ssl
from datetime import datetime
from pathlib import Path

import trustme

LOOPBACK = ("localhost", "127.0.0.1")


class Authority:
    """A private CA that lives in memory and vouches for the simulators' servers."""

    def __init__(self) -> None:
        self._ca = trustme.CA(organization_name="figgosync simulators")

    def pem(self) -> str:
        """Return the CA's certificate."""
        return self._ca.cert_pem.bytes().decode("ascii")

    def ca_file(self, path: Path) -> Path:
        """Write the CA's certificate to `path` for a client that wants a file; return `path`."""
        self._ca.cert_pem.write_to_path(str(path))
        return path

    def server_context(
        self, *names: str, not_before: datetime | None = None, not_after: datetime | None = None
    ) -> ssl.SSLContext:
        """Return a server's TLS context with a fresh certificate for `names`.

        Without names it is for localhost and 127.0.0.1. `not_before` and `not_after` (aware)
        are for servers whose certificate shall be too young or too old.
        """
        certificate = self._ca.issue_cert(
            *(names or LOOPBACK), not_before=not_before, not_after=not_after
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        certificate.configure_cert(context)
        return context

    def client_context(self) -> ssl.SSLContext:
        """Return a client's TLS context that trusts this CA, verifies names, and nothing else."""
        return ssl.create_default_context(cadata=self.pem())
