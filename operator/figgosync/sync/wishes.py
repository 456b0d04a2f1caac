"""What the tenants of one Figgo want, each and together: what to read, how often, how fast."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from figgosync.core.absence import LegalEntityID
from figgosync.core.tenant import TenantSpec
from figgosync.figgo.schedule import Pace
from figgosync.figgo.scope import Rest, StreamScope
from figgosync.sync.feed import LOOK_BACK
from figgosync.sync.source import Wish

DEFAULT_POLL = timedelta(seconds=20)
DEFAULT_RATE = 30


def wish_of(spec: TenantSpec, watermark: datetime | None) -> Wish:
    """Return what one tenant wants to hear, having heard all until `watermark`."""
    return Wish(
        spec.legal_entities,
        spec.events.show_absence_type,
        spec.figgo.poll_interval,
        spec.figgo.requests_per_minute,
        watermark,
    )


def scope_of(wishes: Collection[Wish], today: date) -> StreamScope:
    """Return the establishments to read; type names only where some tenant shows them."""
    hidden, shown = set[LegalEntityID](), set[LegalEntityID]()
    rest = Rest.IGNORED
    for wish in wishes:
        if wish.legal_entities is not None:
            (shown if wish.names else hidden).update(wish.legal_entities)
        elif wish.names:
            rest = Rest.SHOWN
        elif rest is Rest.IGNORED:
            rest = Rest.HIDDEN
    return StreamScope(frozenset(hidden), frozenset(shown), rest, today - LOOK_BACK)


def pace_of(wishes: Collection[Wish], sweep_interval: timedelta) -> Pace:
    """Return the pace of the most impatient tenant."""
    poll = min((wish.poll_interval for wish in wishes), default=DEFAULT_POLL)
    return Pace(poll, sweep_interval, min(sweep_interval, Pace(poll).sweep_interval_without_polls))


def rate_of(wishes: Collection[Wish]) -> int:
    """Return the requests a minute of the most cautious tenant: the host counts them together."""
    return min((wish.requests_per_minute for wish in wishes), default=DEFAULT_RATE)
