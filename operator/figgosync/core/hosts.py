"""To which hosts the installation lets credentials go."""

from collections.abc import Iterable


def is_allowed(host: str, patterns: Iterable[str]) -> bool:
    """Tell whether a normalised authority matches one of the patterns.

    A pattern is a name, a name with a port, or `*.domain`, which stands for any depth of
    sub-domains but not for the domain itself. A pattern without a port means the https port only,
    so that an allowed name does not open other services of the same machine.
    """
    return any(_matches(host, pattern) for pattern in patterns)


def _matches(host: str, pattern: str) -> bool:
    if pattern.startswith("*."):
        return host.endswith(pattern[1:]) and len(host) > len(pattern) - 1
    return host == pattern
