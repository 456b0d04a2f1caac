"""What HTTPS_PROXY says: a place, and perhaps a login."""

from base64 import b64decode
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from figgosync.core.proxy import Proxy


@pytest.mark.parametrize(
    ("text", "proxy", "url"),
    [
        ("http://proxy:3128", Proxy("proxy", 3128), "http://proxy:3128"),
        ("http://proxy", Proxy("proxy", 80), "http://proxy:80"),
        ("HTTP://PROXY.acme.example:3128/", Proxy("proxy.acme.example", 3128), None),
        ("proxy:3128", Proxy("proxy", 3128), "http://proxy:3128"),
        ("10.0.0.1:3128", Proxy("10.0.0.1", 3128), "http://10.0.0.1:3128"),
        ("http://[2001:DB8::1]:3128", Proxy("2001:db8::1", 3128), "http://[2001:db8::1]:3128"),
        ("http://sync@proxy:3128", Proxy("proxy", 3128, "sync"), "http://proxy:3128"),
        ("http://sync:@proxy:3128", Proxy("proxy", 3128, "sync"), "http://proxy:3128"),
        ("http://@proxy:3128", Proxy("proxy", 3128), "http://proxy:3128"),
        ("sync:a:b@proxy:3128", Proxy("proxy", 3128, "sync", "a:b"), "http://proxy:3128"),
        ("http://ACME%5Csync:p%40%C3%A9@proxy", Proxy("proxy", 80, "ACME\\sync", "p@é"), None),
    ],
)
def test_a_proxy_is_read_as_curl_and_requests_read_it(
    text: str, proxy: Proxy, url: str | None
) -> None:
    assert Proxy.parse(text) == proxy
    assert url is None or proxy.url == url


@given(st.text(min_size=1).filter(lambda login: ":" not in login), st.text())
def test_any_login_arrives_as_it_is_once_it_is_percent_encoded(login: str, password: str) -> None:
    proxy = Proxy.parse(f"http://{quote(login, safe='')}:{quote(password, safe='')}@proxy:3128")
    assert (proxy.login, proxy.password) == (login, password)
    assert proxy.authorization is not None
    scheme, _, token = proxy.authorization.partition(" ")
    assert (scheme, b64decode(token).decode()) == ("Basic", f"{login}:{password}")


def test_without_a_login_nothing_is_proved() -> None:
    assert Proxy.parse("http://proxy:3128").authorization is None
