"""Our two kinds: where the API server has them, and the words in which messages speak of them."""

from dataclasses import dataclass
from urllib.parse import quote

from figgosync.core.initialisation import InitialisationName
from figgosync.core.tenant import TenantName
from figgosync.kube.names import (
    API_VERSION,
    GROUP,
    INITIALISATION_KIND,
    INITIALISATION_PLURAL,
    TENANT_KIND,
    TENANT_PLURAL,
)

ObjectName = TenantName | InitialisationName


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind. `one` and `all` complete "The operator may not read ..." and "... list ..."."""

    word: str
    plural: str
    one: str
    all: str

    @property
    def crd(self) -> str:
        """The name of its definition."""
        return f"{self.plural}.{GROUP}"

    def collection(self, namespace: str | None) -> str:
        """Return the path of all objects of a namespace, or (None) of the cluster."""
        where = "" if namespace is None else f"/namespaces/{quote(namespace, safe='')}"
        return f"/apis/{API_VERSION}{where}/{self.plural}"

    def path(self, name: ObjectName) -> str:
        """Return the path of one object."""
        return f"{self.collection(name.namespace)}/{quote(name.name, safe='')}"


TENANT = Kind(TENANT_KIND, TENANT_PLURAL, "a tenant", "the tenants")
INITIALISATION = Kind(
    INITIALISATION_KIND, INITIALISATION_PLURAL, "an initialisation", "the initialisations"
)
