"""The proxy of the installation: what HTTPS_PROXY says about it."""

import re
from base64 import b64encode
from dataclasses import dataclass, field
from urllib.parse import unquote

_FORM = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*)://)?"
    r"(?:(?P<login>[^@:/?#\s]*)(?::(?P<password>[^@/?#\s]*))?@)?"
    r"(?P<host>\[[0-9a-f:.]+\]|[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*)"
    r"(?::(?P<port>[0-9]{1,5}))?/?",
    re.ASCII | re.IGNORECASE,
)
_HTTP_PORT = 80
_LAST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy that opens tunnels (CONNECT), and how to log in to it.

    `host` is a name or an IP address without brackets. `login` is None where the proxy asks for
    none. It and the password are never shown.
    """

    host: str
    port: int
    login: str | None = field(default=None, repr=False)
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, text: str) -> "Proxy":
        """Read `http://[login[:password]@]host[:port]`; without a scheme it is http, as for curl.

        The port is 80 unless it is given, as for Go and Python; curl would take 1080. Raises
        ValueError, whose sentence quotes nothing of the text, for that may hold a password.
        """
        found = _FORM.fullmatch(text)
        if found is None:
            raise ValueError(
                "expected http://[login:password@]host[:port], special characters of login and "
                "password written as %XX"
            )
        if (found["scheme"] or "http").lower() != "http":
            raise ValueError(
                "only http:// proxies are supported: what goes through one is a TLS tunnel from "
                "end to end; https:// and socks proxies are not"
            )
        port = int(found["port"] or _HTTP_PORT)
        if not 0 < port <= _LAST_PORT:
            raise ValueError("the port is none from 1 to 65535")
        login, password = (unquote(found[part] or "") for part in ("login", "password"))
        if ":" in login:
            raise ValueError("a login with a colon cannot be sent to a proxy (RFC 7617)")
        return cls(found["host"].strip("[]").lower(), port, login or None, password)

    @property
    def url(self) -> str:
        """Return where it is, without login and password."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def authorization(self) -> str | None:
        """Return what proves us in a header Proxy-Authorization; None where nothing has to."""
        if self.login is None:
            return None
        return f"Basic {b64encode(f'{self.login}:{self.password}'.encode()).decode()}"
