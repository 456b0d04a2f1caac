"""What an administrator would write for a company: Secrets, a tenant, values of the chart."""

from collections.abc import Sequence
from datetime import date
from urllib.parse import urlsplit

from figgosync_sim.company import PARIS
from figgosync_sim.figgo import DEFAULT_KEY
from figgosync_sim.stage import LOGIN, PASSWORD, Stage

NAMESPACE = "hr"
TENANT = "acme"


def exchange_secret(password: str = PASSWORD, *, namespace: str = NAMESPACE) -> str:
    """Return the Secret with the service account of Exchange."""
    return f"""
apiVersion: v1
kind: Secret
metadata:
  name: acme-exchange
  namespace: {namespace}
  labels: {{figgosync.io/credentials: "true"}}
stringData:
  accountLogin: {LOGIN}
  accountPass: {password}
"""


def figgo_secret(key: str = DEFAULT_KEY, *, namespace: str = NAMESPACE) -> str:
    """Return the Secret with the API key of Figgo."""
    return f"""
apiVersion: v1
kind: Secret
metadata:
  name: acme-figgo
  namespace: {namespace}
  labels: {{figgosync.io/credentials: "true"}}
stringData:
  apiKey: {key}
"""


def tenant(stage: Stage, *, namespace: str = NAMESPACE, name: str = TENANT, more: str = "") -> str:
    """Return the tenant that connects the two simulators; `more` is further YAML of its spec."""
    return f"""
apiVersion: figgosync.io/v1alpha1
kind: CalendarSyncTenant
metadata:
  name: {name}
  namespace: {namespace}
spec:
  figgo:
    url: {stage.figgo.url}
    apiKeySecretRef: {{name: acme-figgo, key: apiKey}}
    pollInterval: 10s
    requestsPerMinute: 50
  legalEntities: [1, 4]
  calendar:
    exchange:
      serverURL: {stage.exchange.url}
      credentialsSecretRef: {{name: acme-exchange}}
      authentication: NTLM
  events:
    timeZone: Europe/Paris
{more}"""


def initialisation(
    name: str,
    first_day: date,
    *,
    namespace: str = NAMESPACE,
    legal_entities: Sequence[int] = (PARIS,),
    more: str = "",
) -> str:
    """Return a SyncInitialisation of the tenant; `more` is further YAML of its spec."""
    return f"""
apiVersion: figgosync.io/v1alpha1
kind: SyncInitialisation
metadata:
  name: {name}
  namespace: {namespace}
spec:
  tenantRef: {{name: {TENANT}}}
  from: "{first_day}"
  legalEntities: {list(legal_entities)}
{more}"""


def chart_values(stage: Stage, *, port: int, namespaces: Sequence[str]) -> dict[str, object]:
    """Return the values of an operator that talks to the two simulators and nobody else.

    `port` is where it serves its probes; the tenants are in `namespaces`.
    """
    return {
        "hosts": {
            "figgo": [urlsplit(stage.figgo.url).netloc],
            "exchange": [urlsplit(stage.exchange.url).netloc],
        },
        "caBundle": {"pem": stage.ca_file.read_text()},
        "httpPort": port,
        "tenantNamespaces": list(namespaces),
    }
