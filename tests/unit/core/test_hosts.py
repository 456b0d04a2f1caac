"""Credentials go to hosts that the installation allows, and to no other port or look-alike."""

import pytest

from figgosync.core.hosts import is_allowed

PATTERNS = ("*.ilucca.net", "mail.acme.example", "localhost:8443", "*.lab.example:8443")


@pytest.mark.parametrize(
    "host",
    [
        "acme.ilucca.net",
        "a.b.ilucca.net",
        "mail.acme.example",
        "localhost:8443",
        "ews.lab.example:8443",
    ],
)
def test_allowed(host: str) -> None:
    assert is_allowed(host, PATTERNS)


@pytest.mark.parametrize(
    "host",
    [
        "ilucca.net",
        ".ilucca.net",
        "evililucca.net",
        "acme.ilucca.net.evil.example",
        "acme.ilucca.net:8443",
        "mail.acme.example:8443",
        "other.acme.example",
        "xmail.acme.example",
        "localhost",
        "localhost:84430",
        "lab.example:8443",
        "ews.lab.example",
        "*.ilucca.net.evil.example",
        "169.254.169.254",
        "",
    ],
)
def test_refused(host: str) -> None:
    assert not is_allowed(host, PATTERNS)


def test_nothing_is_allowed_by_no_pattern() -> None:
    assert not is_allowed("acme.ilucca.net", ())
