"""Looks at all parts of a tenant's sync: what its status says, and what stands in the way."""

from dataclasses import dataclass
from datetime import datetime

from figgosync.kube.resources import Tenant
from figgosync.sync.agenda import Agenda
from figgosync.sync.breaker import Breaker
from figgosync.sync.deliveries import Deliveries
from figgosync.sync.halt import Halt
from figgosync.sync.lookout import Lookout
from figgosync.sync.memory import Memory
from figgosync.sync.people import People
from figgosync.sync.premises import Premises
from figgosync.sync.summary import Overview


@dataclass(frozen=True, slots=True)
class Survey:
    """Of one tenant; it changes nothing."""

    premises: Premises
    people: People
    agenda: Agenda
    deliveries: Deliveries
    breaker: Breaker
    memory: Memory
    lookout: Lookout

    def overview(self, tenant: Tenant, halt: Halt | None, now: datetime) -> Overview:
        """Return what a status is made of."""
        feed, people, agenda = self.premises.feed, self.people, self.agenda
        source = feed.source
        watermark = self.deliveries.watermark
        if source is not None and self.deliveries.is_settled:
            watermark = source.stream.watermark or watermark
        return Overview(
            tenant=tenant,
            figgo=feed.link,
            calendar=self.premises.access.link,
            employees=len(agenda),
            sum=agenda.sum,
            failing=agenda.failing,
            pending=agenda.pending(now),
            swept=people.swept,
            invisible=people.invisible(tenant.spec.legal_entities),
            halt=halt,
            blocked=self.breaker.message if agenda.sum.blocked else "",
            degradation=source.stream.degradation if source is not None else None,
            remembered=self.memory.present,
            other_sync_seen=self.lookout.last_seen,
            other_sync_is_active=self.lookout.is_alarmed,
            watermark=watermark,
            stream_mode=source.stream.mode if source is not None else None,
            first_pass_is_over=people.swept and agenda.all_seen,
            is_up_to_date=(
                halt is None
                and people.swept
                and feed.link.error is None
                and not agenda.is_behind(now)
            ),
        )

    def obstacle(self, halt: Halt | None, now: datetime, *, leaving: bool) -> str | None:
        """Say why no initialisation can go on, None if one can."""
        if halt is not None:
            return halt.message
        if leaving:
            return "Being deleted; its events are being removed."
        premises = self.premises
        for link in (premises.feed.link, premises.access.link):
            if link.error is not None:
                return link.error.message
        if not self.people.swept:
            return "Figgo has not been read yet."
        if not self.memory.has_activations or not premises.access.is_open(now):
            return "Not ready yet."
        return None
