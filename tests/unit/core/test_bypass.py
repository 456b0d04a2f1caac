"""What NO_PROXY says: held against Python's own readings where they agree, and a table beyond."""

from ipaddress import IPv4Address, ip_address
from urllib.request import proxy_bypass_environment

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests.utils import should_bypass_proxies

from figgosync.core.bypass import Bypass

# Few labels, so that words and hosts meet often.
_labels = st.sampled_from(["mail", "acme", "not-acme", "example", "com"])
_names = st.lists(_labels, min_size=1, max_size=4).map(".".join)
_addresses = st.sampled_from(["10.0.0.1", "10.0.0.2", "10.1.0.1", "192.168.0.1"])
_ports = st.sampled_from([443, 8443])
_words = st.one_of(
    _names,
    _names.map(".{}".format),
    _addresses,
    st.builds("{}:{}".format, _names, st.just(8443)),
)
_networks = st.builds(
    "{}/{}".format, _addresses, st.integers(min_value=1, max_value=32).filter(lambda bits: bits)
)


def _authority(host: str, port: int) -> str:
    return host if port == 443 else f"{host}:{port}"


@given(st.lists(_words, max_size=4), _names | _addresses, _ports)
def test_names_addresses_and_ports_are_read_as_urllib_reads_them(
    words: list[str], host: str, port: int
) -> None:
    authority = _authority(host, port)
    theirs = proxy_bypass_environment(authority, {"no": ",".join(words)})
    assert Bypass.parse(words).covers(authority) == theirs


@given(st.lists(_words | _networks, max_size=4), _names | _addresses)
def test_networks_are_read_as_requests_reads_them(words: list[str], host: str) -> None:
    theirs = should_bypass_proxies(f"https://{host}/EWS/Exchange.asmx", ",".join(words))
    assert Bypass.parse(words).covers(host) == theirs


@given(st.integers(min_value=0, max_value=2**32 - 1), st.integers(min_value=0, max_value=32))
def test_a_network_covers_its_addresses_and_no_others(number: int, bits: int) -> None:
    address = IPv4Address(number)
    bypass = Bypass.parse([f"{address}/{bits}"])
    assert bypass.covers(str(address))
    assert bypass.covers(f"{address}:8443")
    if bits:
        assert not bypass.covers(str(ip_address(number ^ 1 << (32 - bits))))


@pytest.mark.parametrize(
    ("word", "covered", "not_covered"),
    [
        ("*", ["mail.acme.example", "10.0.0.1", "[2001:db8::1]:8443"], []),
        ("acme.example", ["acme.example", "a.b.acme.example:8443"], ["notacme.example", "example"]),
        (".acme.example", ["acme.example", "mail.acme.example"], ["notacme.example"]),
        ("*.acme.example", ["mail.acme.example"], ["acme.example", "notacme.example"]),
        ("Acme.Example.", ["acme.example", "mail.acme.example"], ["acme.example.net"]),
        ("acme.example:443", ["acme.example", "mail.acme.example"], ["acme.example:8443"]),
        ("acme.example:8443", ["acme.example:8443", "a.acme.example:8443"], ["acme.example"]),
        ("localhost", ["localhost", "localhost:8443"], ["127.0.0.1"]),
        ("10.0.0.1", ["10.0.0.1", "10.0.0.1:8443"], ["110.0.0.1", "10.0.0.11"]),
        ("10.0.0.1:8443", ["10.0.0.1:8443"], ["10.0.0.1", "10.0.0.2:8443"]),
        ("10.1.2.3/8", ["10.0.0.1", "10.255.255.255:8443"], ["11.0.0.1", "10.acme.example"]),
        ("2001:DB8::/32", ["[2001:db8::1]", "[2001:db8:1::]:8443"], ["[2001:db9::1]", "10.0.0.1"]),
        ("2001:db8::1", ["[2001:db8::1]", "[2001:db8:0::1]:8443"], ["[2001:db8::2]"]),
        ("[2001:db8::1]", ["[2001:db8::1]", "[2001:db8::1]:8443"], ["[2001:db8::2]"]),
        ("[2001:db8::1]:8443", ["[2001:db8::1]:8443"], ["[2001:db8::1]", "[2001:db8::1:8443]"]),
        ("[2001:db8::]/32", ["[2001:db8::1]"], ["[2001:db9::1]"]),
        ("_tcp.acme.example", ["_tcp.acme.example"], ["acme.example"]),
    ],
)
def test_every_form_has_one_meaning(word: str, covered: list[str], not_covered: list[str]) -> None:
    bypass = Bypass.parse([word])
    assert [host for host in covered if not bypass.covers(host)] == []
    assert [host for host in not_covered if bypass.covers(host)] == []


def test_an_empty_list_covers_nothing() -> None:
    assert not Bypass.parse([]).covers("localhost")


@pytest.mark.parametrize("word", ["10.0.0.0/33", "10.*", "*acme*", "a/b", "a:b", "a:1:2", ".", "é"])
def test_a_word_that_names_no_host_is_an_error(word: str) -> None:
    with pytest.raises(ValueError, match="expected name"):
        Bypass.parse([word])


@pytest.mark.parametrize("word", ["http://user:s3cret@proxy:3128", "user:s3cret@proxy"])
def test_a_password_that_was_written_to_the_wrong_variable_is_not_quoted(word: str) -> None:
    with pytest.raises(ValueError, match="a word with @ is no host") as refused:
        Bypass.parse([word])
    assert "s3cret" not in str(refused.value)
