"""Hands pip's settings of this machine to the build, as secrets that stay out of the image."""

import ast
import configparser
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from figgosync_image.errors import ImageError

CA_INSIDE = "/run/secrets/pip-ca.crt"
"""Where the Dockerfile mounts the secret `pip-ca`."""

_HANDED_ON = (
    "index-url",
    "extra-index-url",
    "find-links",
    "no-index",
    "trusted-host",
    "proxy",
    "retries",
    "timeout",
)
"""What says how to reach an index; the other settings of pip are the machine's own matter."""


@dataclass(frozen=True, slots=True)
class PipSettings:
    """`options` are names and values as in the section `global` of pip.conf.

    `authorities` is a PEM file of this machine; None for those that the base trusts.
    """

    options: Mapping[str, str]
    authorities: Path | None

    @classmethod
    def of_this_machine(cls, environ: Mapping[str, str]) -> "PipSettings":
        """Ask the pip of this Python; without one, nothing is handed on.

        Raises ImageError where a setting cannot be handed on and pip is useless without it.
        """
        done = subprocess.run(
            [sys.executable, "-m", "pip", "config", "list"],
            env=dict(environ),
            capture_output=True,
            text=True,
            check=False,
        )
        return cls.from_listing(done.stdout if done.returncode == 0 else "", environ)

    @classmethod
    def from_listing(cls, listing: str, environ: Mapping[str, str]) -> "PipSettings":
        """Read what `pip config list` prints: one `section.name='value'` a line.

        Variables win over the section `install`, and that over `global`, as pip has it.
        """
        sections = _sections(listing)
        values: dict[str, str] = {}
        for section in ("global", "install", ":env:"):
            values |= sections.get(section, {})
        if "default-timeout" in values:  # the variable's name for it
            values.setdefault("timeout", values["default-timeout"])
        if "client-cert" in values:
            raise ImageError(
                "pip is set to show a certificate of its own (client-cert), which the build of the"
                " image does not know; let it use an index that wants none (PIP_INDEX_URL)."
            )
        trusted = (
            values.get("cert")
            or environ.get("REQUESTS_CA_BUNDLE")  # pip's library reads these two
            or environ.get("CURL_CA_BUNDLE")
        )
        return cls(_reachable(values), Path(trusted) if trusted else None)

    def write(self, folder: Path) -> dict[str, Path]:
        """Write the build's secrets into `folder`; return the file of each by its id."""
        parser = configparser.RawConfigParser()
        parser["global"] = dict(self.options)
        secrets = {}
        if self.authorities is not None:
            if not self.authorities.is_file():
                raise ImageError(f"pip's certificates: there is no file {self.authorities}")
            parser["global"]["cert"] = CA_INSIDE
            secrets["pip-ca"] = self.authorities
        if parser["global"]:
            path = folder / "pip.conf"
            path.touch(mode=0o600)  # an index's address may hold a password
            with path.open("w") as file:
                parser.write(file)
            secrets["pip.conf"] = path
        return secrets


def _sections(listing: str) -> dict[str, dict[str, str]]:
    sections: dict[str, dict[str, str]] = {}
    for line in listing.splitlines():
        key, equals, value = line.partition("=")
        section, _, name = key.rpartition(".")
        if equals and section:
            sections.setdefault(section, {})[name] = str(ast.literal_eval(value))
    return sections


def _reachable(values: Mapping[str, str]) -> dict[str, str]:
    """Return what is handed on; a folder of wheels on this machine cannot be seen by the build."""
    options = {name: values[name] for name in _HANDED_ON if name in values}
    if "find-links" in options:
        links = [link for link in options.pop("find-links").split() if "://" in link]
        if links:
            options["find-links"] = "\n".join(links)
        elif options.get("no-index", "").lower() in ("1", "true", "yes", "on"):
            raise ImageError(
                "pip is set to use folders of this machine alone (no-index, find-links), which the"
                " build of the image cannot see; set PIP_INDEX_URL to an index."
            )
    return options
