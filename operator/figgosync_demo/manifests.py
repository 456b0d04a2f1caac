"""The Secrets and the tenant that an administrator would write for a company."""

from urllib.parse import urlsplit

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


def operator_settings(stage: Stage) -> dict[str, str]:
    """Return the environment that lets an operator talk to the two simulators and nobody else."""
    return {
        "FIGGOSYNC_FIGGO_HOSTS": urlsplit(stage.figgo.url).netloc,
        "FIGGOSYNC_EXCHANGE_HOSTS": urlsplit(stage.exchange.url).netloc,
        "FIGGOSYNC_CA_BUNDLE": str(stage.ca_file),
    }
