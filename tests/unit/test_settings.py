"""The installation's settings: a typo is an error that names the setting, never a default."""

from datetime import timedelta
from pathlib import Path

import pytest

from figgosync.core.hosts import is_allowed
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
