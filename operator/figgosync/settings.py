"""The installation's settings: the only module that reads the environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from figgosync.core.bypass import Bypass
from figgosync.core.operator_class import CLASS_RULE, DEFAULT_CLASS, LONGEST_CLASS, is_class
from figgosync.core.proxy import Proxy

LUCCA_HOSTS = (
    "*.ilucca.net",
    "*.ilucca.ch",
    "*.ilucca-test.net",
    "*.ilucca-test.ch",
    "*.ilucca-demo.net",
    "*.ilucca-demo.ch",
    "*.luccasoftware.com",
)
"""Where Lucca serves its customers (Lucca's page on environments)."""


class SettingsError(ValueError):
    """A setting cannot be used; the message names it and says what it may be."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the installation decides for all tenants.

    Only tenants of `operator_class` are served. `figgo_hosts` and `exchange_hosts` are the hosts
    to which credentials may be sent: a name, a name with a port, or `*.domain`. `namespaces` is
    empty for the whole cluster. `kubeconfig` is None inside a cluster. `ca_bundle` is a PEM file
    of authorities that are trusted besides the usual ones. `proxy` stands before all hosts but
    those of `bypass`, and before no API server of Kubernetes.
    """

    operator_class: str
    figgo_hosts: tuple[str, ...]
    exchange_hosts: tuple[str, ...]
    namespaces: tuple[str, ...]
    kubeconfig: Path | None
    ca_bundle: Path | None
    proxy: Proxy | None
    bypass: Bypass
    http_port: int
    log_level: str
    sweep_interval: timedelta
    drift_interval: timedelta
    exchange_concurrency: int

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Settings":
        """Read all settings; an unknown FIGGOSYNC_ variable is an error, as it is likely a typo.

        Raises SettingsError.
        """
        reader = _Reader(environ)
        settings = cls(
            operator_class=reader.operator_class("FIGGOSYNC_OPERATOR_CLASS"),
            figgo_hosts=reader.words("FIGGOSYNC_FIGGO_HOSTS", LUCCA_HOSTS),
            exchange_hosts=reader.words("FIGGOSYNC_EXCHANGE_HOSTS", ()),
            namespaces=reader.words("FIGGOSYNC_NAMESPACES", ()),
            kubeconfig=reader.file("KUBECONFIG"),
            ca_bundle=reader.file("FIGGOSYNC_CA_BUNDLE"),
            proxy=reader.proxy("HTTPS_PROXY"),
            bypass=reader.bypass("NO_PROXY"),
            http_port=reader.integer("FIGGOSYNC_HTTP_PORT", 8080, least=0, most=65535),
            log_level=reader.one_of("FIGGOSYNC_LOG_LEVEL", ("INFO", "DEBUG", "WARNING", "ERROR")),
            sweep_interval=timedelta(
                minutes=reader.integer("FIGGOSYNC_SWEEP_MINUTES", 30, least=5, most=1440)
            ),
            drift_interval=timedelta(
                minutes=reader.integer("FIGGOSYNC_DRIFT_MINUTES", 360, least=5, most=10080)
            ),
            exchange_concurrency=reader.integer(
                "FIGGOSYNC_EXCHANGE_CONCURRENCY", 4, least=1, most=20
            ),
        )
        reader.refuse_unknown()
        return settings

    def proxy_for(self, host: str) -> Proxy | None:
        """Return the proxy before a normalised authority, None where it is reached directly."""
        return None if self.bypass.covers(host) else self.proxy


class _Reader:
    """Reads variables one by one and remembers which exist."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._known: set[str] = set()

    def _text(self, name: str) -> str:
        self._known.add(name)
        return self._environ.get(name, "").strip()

    def operator_class(self, name: str) -> str:
        text = self._text(name) or DEFAULT_CLASS
        if not is_class(text):
            raise SettingsError(f"{name}: {CLASS_RULE}, at most {LONGEST_CLASS} characters")
        return text

    def words(self, name: str, default: tuple[str, ...]) -> tuple[str, ...]:
        return _words(self._text(name)) or default

    def file(self, name: str) -> Path | None:
        text = self._text(name)
        if not text:
            return None
        path = Path(text)
        if not path.is_file():
            raise SettingsError(f"{name}: there is no file {text}")
        return path

    def proxy(self, name: str) -> Proxy | None:
        text = self._shared(name)
        try:
            return Proxy.parse(text) if text else None
        except ValueError as error:
            raise SettingsError(f"{name}: {error}") from None

    def bypass(self, name: str) -> Bypass:
        try:
            return Bypass.parse(_words(self._shared(name)))
        except ValueError as error:
            raise SettingsError(f"{name}: {error}") from None

    def _shared(self, name: str) -> str:
        """Read a variable of all programs, whose lower-case name comes first, as for curl."""
        upper = self._text(name)
        return self._environ.get(name.lower(), "").strip() or upper

    def integer(self, name: str, default: int, *, least: int, most: int) -> int:
        text = self._text(name)
        if not text:
            return default
        if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
            raise SettingsError(f"{name}: expected a whole number from {least} to {most}")
        return int(text)

    def one_of(self, name: str, choices: tuple[str, ...]) -> str:
        text = self._text(name).upper()
        if not text:
            return choices[0]
        if text not in choices:
            raise SettingsError(f"{name}: expected one of {', '.join(choices)}")
        return text

    def refuse_unknown(self) -> None:
        ours = {name for name in self._environ if name.startswith("FIGGOSYNC_")}
        if unknown := sorted(ours - self._known):
            raise SettingsError(
                f"{unknown[0]} is no setting; known are {', '.join(sorted(self._known))}"
            )


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.lower().replace(",", " ").split())
