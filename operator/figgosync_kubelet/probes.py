"""A container's HTTP probes: what they ask, and what was answered."""

import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass

from figgosync_controlplane.ports import LOOPBACK
from figgosync_kubelet.fields import Fields

_HEALTHY = range(200, 400)
_NONE = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class Probe:
    """One GET; `timeout` is in seconds."""

    path: str
    port: int
    timeout: int

    def ask(self) -> tuple[bool, str]:
        """Return whether the answer means health (200 to 399, as for a kubelet), and its text."""
        status, text = get(self.port, self.path, self.timeout)
        return status in _HEALTHY, text


def read_probe(fields: Fields, ports: Mapping[str, int]) -> Probe:
    """Return a probe; its port is a number or the name of one of the container's `ports`."""
    with fields:
        # Whoever waits here asks at a pace of his own, and decides himself when it is too long.
        fields.not_applied(
            ("initialDelaySeconds", "periodSeconds", "successThreshold", "failureThreshold")
        )
        timeout = fields.whole("timeoutSeconds", 1)
        asked = fields.inner("httpGet")
        if asked is None:
            raise fields.misfit("httpGet", "probes of other kinds are not known")
        with asked:
            if asked.text("scheme", "HTTP") != "HTTP":
                raise asked.misfit("scheme", "only HTTP is known")
            port = asked.value("port")
            if isinstance(port, str) and port not in ports:
                raise asked.misfit("port", f"the container has no port named {port}")
            number = ports[port] if isinstance(port, str) else int(port)
            return Probe(asked.text("path", "/"), number, timeout)


def get(port: int, path: str, timeout: float) -> tuple[int, str]:
    """Return status and text of an answer; status 0, and why, where there is none."""
    try:
        with _NONE.open(f"http://{LOOPBACK}:{port}{path}", timeout=timeout) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
    except OSError as error:
        return 0, str(error)
