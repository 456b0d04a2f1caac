"""Where a pod finds the API server, and how it proves who it is."""

from dataclasses import dataclass, field

from kubernetes.client import Configuration
from kubernetes.config import load_incluster_config

_PREFIX = "bearer "


@dataclass(frozen=True, slots=True)
class PodAccess:
    """The API server's address, the file of its authority, and the pod's token as it is now."""

    server: str
    ca_file: str
    token: str = field(repr=False)


def pod_access() -> PodAccess:
    """Read what Kubernetes gives each pod; raises ConfigException outside of one.

    The address is that of KUBERNETES_SERVICE_HOST and _PORT, as for every client of Kubernetes:
    the name kubernetes.default.svc, which kopf would use, needs a DNS that answers, and misses the
    clusters that lead their pods to the API server another way.
    """
    configuration = Configuration()
    load_incluster_config(client_configuration=configuration, try_refresh_token=False)
    token = configuration.api_key["BearerToken"].removeprefix(_PREFIX).strip()
    return PodAccess(configuration.host, str(configuration.ssl_ca_cert), token)
