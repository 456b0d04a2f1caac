"""Whom the operator believes: the usual authorities, and those of the installation besides."""

import re
import ssl
from os import PathLike
from pathlib import Path
from typing import cast

from requests.utils import DEFAULT_CA_BUNDLE_PATH

# How OpenSSL finds a certificate in a directory: by a hash of its subject (openssl-rehash(1)).
_HASHED = re.compile(r"[0-9a-f]{8}\.[0-9]+")


def trusting_context(bundle: str | PathLike[str] | None) -> ssl.SSLContext:
    """Return a client's TLS context; there is no way to have one that does not verify.

    The usual authorities are those of the system, where OpenSSL looks for them (SSL_CERT_FILE and
    SSL_CERT_DIR move the place); those of certifi where the system has none. `bundle` is a PEM
    file of authorities that are trusted as well. Raises OSError, of which ssl.SSLError is one,
    when it cannot be read or holds no certificate.
    """
    context = ssl.create_default_context()
    if not _has_authorities(context):
        context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
    if bundle is not None:
        _require_certificate(bundle)
        context.load_verify_locations(bundle)
    return context


def _has_authorities(context: ssl.SSLContext) -> bool:
    """Tell whether the system has any: those of a directory are read only when one is needed."""
    if context.cert_store_stats()["x509"]:
        return True
    # Typed as if it were always there; it is None where there is no such directory.
    folder = cast("str | None", ssl.get_default_verify_paths().capath)
    if folder is None:
        return False
    return any(_HASHED.fullmatch(file.name) for file in Path(folder).iterdir())


def _require_certificate(bundle: str | PathLike[str]) -> None:
    alone = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    alone.load_verify_locations(bundle)
    # OpenSSL is content with a list of revocations.
    if not alone.cert_store_stats()["x509"]:
        raise OSError("there is no certificate in the file")
