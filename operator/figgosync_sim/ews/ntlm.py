"""The server's half of an NTLM login, on top of pyspnego's pure Python NTLM."""

import os
import struct
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import spnego

# Private to pyspnego, for its credential file has no quoting: in the form that holds a password, a
# password with a colon is silently skipped; in the form that holds a hash anything goes.
from spnego._ntlm_raw.crypto import ntowfv1
from spnego.exceptions import SpnegoError

_USER_FILE = "NTLM_USER_FILE"

# pyspnego takes an acceptor's credentials from a file named by an environment variable and from
# nowhere else (verified in its source, 0.12), when the context is made and when it is finished.
# The variable belongs to the whole process, hence the lock; each step is over in microseconds.
_ENVIRONMENT = threading.Lock()

# [MS-NLMP] 2.2.1.3: length, maximum and offset of the domain and of the user name.
_NAMES = struct.Struct("<28xHxxIHxxI")
_UNICODE = 0x1
_FLAGS_AT = 60


class LoginRefusedError(Exception):
    """The client's proof is wrong, or nobody of that name exists."""

    def __init__(self, login: str) -> None:
        super().__init__("refused")
        self.login = login


@contextmanager
def _credentials(line: str) -> Iterator[None]:
    with _ENVIRONMENT, tempfile.NamedTemporaryFile("w", prefix="figgosync-sim-") as file:
        file.write(line)
        file.flush()
        before = os.environ.get(_USER_FILE)
        os.environ[_USER_FILE] = file.name
        try:
            yield
        finally:
            if before is None:
                del os.environ[_USER_FILE]
            else:
                os.environ[_USER_FILE] = before


def login_in(authenticate: bytes) -> str:
    r"""Return `DOMAIN\name`, or the bare name, from a client's AUTHENTICATE message.

    ValueError when it is not one.
    """
    try:
        length, offset, user_length, user_offset = _NAMES.unpack_from(authenticate)
        (flags,) = struct.unpack_from("<I", authenticate, _FLAGS_AT)
        encoding = "utf-16-le" if flags & _UNICODE else "latin-1"
        domain = authenticate[offset : offset + length].decode(encoding)
        user = authenticate[user_offset : user_offset + user_length].decode(encoding)
    except struct.error as error:
        raise ValueError("not an AUTHENTICATE message") from error
    return f"{domain}\\{user}" if domain else user


class Handshake:
    """One NTLM login on one connection: a challenge, then a verdict.

    Verified here: with requests-ntlm 1.3 as the client, a right and a wrong password, logins with
    and without a domain, passwords with colons. Channel bindings are accepted and not checked.
    """

    def __init__(self) -> None:
        with _credentials(""):
            self._context = spnego.server(protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm)

    def challenge(self, negotiate: bytes) -> bytes:
        """Return the CHALLENGE message for a NEGOTIATE message; ValueError when it is not one."""
        try:
            return self._context.step(negotiate) or b""
        except (SpnegoError, struct.error) as error:
            raise ValueError("not a NEGOTIATE message") from error

    def login(self, authenticate: bytes, password_of: Callable[[str], str | None]) -> str:
        """Return the login whose password the client has proven to know.

        Raises LoginRefusedError, or ValueError when the message is not an AUTHENTICATE.
        """
        login = login_in(authenticate)
        password = password_of(login)
        if password is None:
            raise LoginRefusedError(login)
        nt_hash = ntowfv1(password).hex().upper()
        try:
            with _credentials(f"{login}:0:{'0' * 32}:{nt_hash}:[U]:LCT-0\n"):
                self._context.step(authenticate)
        except (SpnegoError, struct.error) as error:
            raise LoginRefusedError(login) from error
        return login
