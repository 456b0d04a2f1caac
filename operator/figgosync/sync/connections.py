"""Makes a tenant's two connections from its spec; neither costs a request yet."""

from figgosync.kube.resources import Tenant
from figgosync.sync.access import CalendarAccess
from figgosync.sync.credentials import SecretWatch
from figgosync.sync.feed import Feed
from figgosync.sync.services import Services
from figgosync.sync.source import Subscriber


def new_feed(tenant: Tenant, services: Services, subscriber: Subscriber) -> Feed:
    """Return the way to the company's Figgo."""
    figgo = tenant.spec.figgo
    namespace = tenant.name.namespace
    watch = SecretWatch(services.cluster, namespace, figgo.api_key_secret, figgo.api_key_field)
    return Feed(figgo, watch, services.sources, subscriber)


def new_access(tenant: Tenant, services: Services) -> CalendarAccess:
    """Return the way to the company's calendars.

    A connection that nothing has proved for one poll interval is probed: a login that stops
    working is then found within one poll, also when no absence changes.
    """
    exchange = tenant.spec.exchange
    watch = SecretWatch(
        services.cluster,
        tenant.name.namespace,
        exchange.credentials_secret,
        "accountLogin",
        "accountPass",
    )
    return CalendarAccess(exchange, watch, services.connect, tenant.spec.figgo.poll_interval)
