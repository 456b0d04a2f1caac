"""The installation's settings: a typo is an error that names the setting, never a default."""

import traceback
from datetime import timedelta
from pathlib import Path

import pytest

from figgosync.core.bypass import Bypass
from figgosync.core.hosts import is_allowed
from figgosync.core.proxy import Proxy
from figgosync.settings import LUCCA_HOSTS, Settings, SettingsError


def test_everything_has_a_default() -> None:
    settings = Settings.from_environment({})
    assert settings == Settings(
        operator_class="default",
        figgo_hosts=LUCCA_HOSTS,
        exchange_hosts=(),
        namespaces=(),
        kubeconfig=None,
        ca_bundle=None,
        proxy=None,
        bypass=Bypass(),
        http_port=8080,
        log_level="INFO",
        sweep_interval=timedelta(minutes=30),
        drift_interval=timedelta(hours=6),
        exchange_concurrency=4,
    )


def test_by_default_credentials_go_to_lucca_and_to_no_exchange() -> None:
    settings = Settings.from_environment({})
    assert is_allowed("acme.ilucca.net", settings.figgo_hosts)
    assert not is_allowed("acme.example", settings.figgo_hosts)
    assert not is_allowed("mail.acme.example", settings.exchange_hosts)


def test_everything_can_be_set(tmp_path: Path) -> None:
    bundle, kubeconfig = tmp_path / "ca.pem", tmp_path / "config"
    bundle.touch()
    kubeconfig.touch()
    settings = Settings.from_environment(
        {
            "PATH": "/bin",
            "KUBECONFIG": str(kubeconfig),
            "FIGGOSYNC_OPERATOR_CLASS": " hr-2 ",
            "FIGGOSYNC_FIGGO_HOSTS": "Acme.ILUCCA.net, *.example",
            "FIGGOSYNC_EXCHANGE_HOSTS": "mail.acme.example mail2.acme.example:8443",
            "FIGGOSYNC_NAMESPACES": "hr,it",
            "FIGGOSYNC_CA_BUNDLE": f" {bundle} ",
            "HTTPS_PROXY": "http://sync:pa%3Ass@Proxy.acme.example:3128/",
            "NO_PROXY": "Mail.acme.example, 10.0.0.0/8",
            "FIGGOSYNC_HTTP_PORT": "0",
            "FIGGOSYNC_LOG_LEVEL": "debug",
            "FIGGOSYNC_SWEEP_MINUTES": "5",
            "FIGGOSYNC_DRIFT_MINUTES": "10080",
            "FIGGOSYNC_EXCHANGE_CONCURRENCY": "20",
        }
    )
    assert settings == Settings(
        operator_class="hr-2",
        figgo_hosts=("acme.ilucca.net", "*.example"),
        exchange_hosts=("mail.acme.example", "mail2.acme.example:8443"),
        namespaces=("hr", "it"),
        kubeconfig=kubeconfig,
        ca_bundle=bundle,
        proxy=Proxy("proxy.acme.example", 3128, "sync", "pa:ss"),
        bypass=Bypass.parse(["mail.acme.example", "10.0.0.0/8"]),
        http_port=0,
        log_level="DEBUG",
        sweep_interval=timedelta(minutes=5),
        drift_interval=timedelta(days=7),
        exchange_concurrency=20,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FIGGOSYNC_OPERATOR_CLASS", "HR"),
        ("FIGGOSYNC_OPERATOR_CLASS", "-hr"),
        ("FIGGOSYNC_OPERATOR_CLASS", "a" * 41),
        ("FIGGOSYNC_HTTP_PORT", "65536"),
        ("FIGGOSYNC_HTTP_PORT", "-1"),
        ("FIGGOSYNC_HTTP_PORT", "http"),
        ("FIGGOSYNC_HTTP_PORT", "8080.0"),
        ("FIGGOSYNC_HTTP_PORT", "\uff18\uff10\uff18\uff10"),
        ("FIGGOSYNC_LOG_LEVEL", "LOUD"),
        ("FIGGOSYNC_SWEEP_MINUTES", "4"),
        ("FIGGOSYNC_DRIFT_MINUTES", "10081"),
        ("FIGGOSYNC_EXCHANGE_CONCURRENCY", "0"),
        ("FIGGOSYNC_EXCHANGE_CONCURRENCY", "21"),
        ("FIGGOSYNC_CA_BUNDLE", "/nowhere/ca.pem"),
        ("KUBECONFIG", "/nowhere/config"),
        ("FIGGOSYNC_EXCHANGE_HOST", "mail.acme.example"),
    ],
)
def test_what_cannot_be_used_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_environment({name: value})


def test_an_empty_variable_is_none() -> None:
    empty = {"FIGGOSYNC_HTTP_PORT": "", "FIGGOSYNC_CA_BUNDLE": " ", "FIGGOSYNC_NAMESPACES": ","}
    assert Settings.from_environment(empty) == Settings.from_environment({})


def test_the_lower_case_names_come_first_as_for_curl_and_an_empty_one_is_none() -> None:
    both = {"HTTPS_PROXY": "http://upper:1", "https_proxy": "http://lower:2"}
    assert Settings.from_environment(both).proxy == Proxy("lower", 2)
    assert Settings.from_environment(both | {"https_proxy": " "}).proxy == Proxy("upper", 1)
    settings = Settings.from_environment({"https_proxy": "lower:2", "no_proxy": "acme.example"})
    assert settings.proxy_for("mail.acme.example") is None
    assert settings.proxy_for("mail.acme.example:8443") is None
    assert settings.proxy_for("acme.ilucca.net") == Proxy("lower", 2)


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_no_other_variable_names_a_proxy(name: str) -> None:
    settings = Settings.from_environment({name: "http://proxy.acme.example:3128"})
    assert settings == Settings.from_environment({})


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("https://sync:s3cret@proxy.acme.example:3128", "only http:// proxies"),
        ("socks5://sync:s3cret@proxy.acme.example:1080", "only http:// proxies"),
        ("socks5h://proxy.acme.example", "only http:// proxies"),
        ("http://sync:s3cret@proxy.acme.example:0", "port"),
        ("http://sync:s3cret@proxy.acme.example:70000", "port"),
        ("http://sync:s3cret@proxy.acme.example:s3cret", "expected http://"),
        ("http://sync:s3cret/s3cret@proxy.acme.example:3128", "expected http://"),
        ("http://sync:s3cret#@proxy.acme.example:3128", "expected http://"),
        ("http://sync:s3cret@proxy.acme.example:3128/path", "expected http://"),
        ("http://sync:s3cret@", "expected http://"),
        ("http://s3cret proxy", "expected http://"),
        ("http://sy%3Anc:s3cret@proxy.acme.example", "colon"),
        ("http://[s3cret]:3128", "expected http://"),
        ("http://s3cret..example:3128", "expected http://"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_refused_without_telling_its_password(
    value: str, says: str
) -> None:
    with pytest.raises(SettingsError, match=f"^HTTPS_PROXY: .*{says}") as refused:
        Settings.from_environment({"HTTPS_PROXY": value})
    assert "s3cret" not in "".join(traceback.format_exception(refused.value))


def test_the_login_of_the_proxy_is_never_shown() -> None:
    settings = Settings.from_environment({"HTTPS_PROXY": "http://sync:s3cret@proxy.acme.example"})
    assert settings.proxy == Proxy("proxy.acme.example", 80, "sync", "s3cret")
    for shown in (repr(settings), str(settings.proxy), settings.proxy.url):
        assert "proxy.acme.example" in shown
        assert "s3cret" not in shown
        assert "sync" not in shown


@pytest.mark.parametrize("word", ["10.0.0.0/33", "10.0.*", "http://acme.example", "a..b", "[::1"])
def test_a_word_of_no_proxy_that_names_no_host_is_refused(word: str) -> None:
    with pytest.raises(SettingsError, match=r"^NO_PROXY: "):
        Settings.from_environment({"NO_PROXY": f"acme.example,{word}"})
