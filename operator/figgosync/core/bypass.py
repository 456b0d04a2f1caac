"""Which hosts are reached directly although there is a proxy: what NO_PROXY says.

No standard defines the variable. Read here is what curl, Python's requests and Go's net/http agree
on; where one of them is stricter, what an administrator most likely meant (docs/decisions/0011).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

_HTTPS_PORT = 443
_NAME = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*", re.ASCII)
_WITH_PORT = re.compile(r"(?P<host>\[[^\]]*\]|[^:\[\]]*)(?::(?P<port>[0-9]{1,5}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Entry:
    """Hosts that one word names: everything, a network, or a domain with all below it."""

    network: IPv4Network | IPv6Network | None = None
    domain: str | None = None
    itself: bool = True
    port: int | None = None

    def covers(self, host: str, address: IPv4Address | IPv6Address | None, port: int) -> bool:
        if self.port not in {None, port}:
            return False
        if self.network is not None:
            return address is not None and address in self.network
        if self.domain is None:
            return True
        return (self.itself and host == self.domain) or (
            address is None and host.endswith(f".{self.domain}")
        )


@dataclass(frozen=True, slots=True)
class Bypass:
    """The hosts that no proxy stands before; empty for none."""

    entries: tuple[_Entry, ...] = ()

    @classmethod
    def parse(cls, words: Iterable[str]) -> "Bypass":
        """Read the words of the list; raises ValueError with a sentence for one that is none.

        The sentence quotes the word, unless it may hold a password.

        `name`, `.name`: the host and all below it; `*.name`: those below it alone; `10.0.0.1` and
        `10.0.0.0/8`, IPv6 likewise, brackets or not; `*`: everything. Names and addresses may be
        followed by a port. Nothing is resolved: networks cover hosts that are written as addresses.
        """
        return cls(tuple(_entry(word.lower()) for word in words))

    def covers(self, authority: str) -> bool:
        """Tell whether a normalised authority (`host` or `host:port`) is reached directly."""
        parts = _WITH_PORT.fullmatch(authority)
        if parts is None:
            return False
        host = parts["host"].strip("[]").rstrip(".").lower()
        address = _address(host)
        port = int(parts["port"] or _HTTPS_PORT)
        return any(entry.covers(host, address, port) for entry in self.entries)


def _entry(word: str) -> _Entry:
    if word == "*":
        return _Entry()
    network = _network(word)
    if network is not None:
        return _Entry(network=network)
    parts = _WITH_PORT.fullmatch(word)
    if parts is not None:
        port = int(parts["port"]) if parts["port"] else None
        network = _network(parts["host"])
        if network is not None and "/" not in word:
            return _Entry(network=network, port=port)
        name = parts["host"].removeprefix("*").lstrip(".").rstrip(".")
        if _NAME.fullmatch(name):
            return _Entry(domain=name, itself=not parts["host"].startswith("*"), port=port)
    # Whoever confuses the two variables writes the proxy's login here.
    shown = "a word with @" if "@" in word else word
    raise ValueError(
        f"{shown} is no host; expected name, .name, name:port, IP address, network such as "
        "10.0.0.0/8, or *"
    )


def _network(text: str) -> IPv4Network | IPv6Network | None:
    """Read an address, which is the smallest network, or a network; bits of its hosts are cut."""
    try:
        return ip_network(re.sub(r"^\[([^\]]*)\](?=/|$)", r"\1", text), strict=False)
    except ValueError:
        return None


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None
