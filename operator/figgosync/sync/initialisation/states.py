"""What an initialisation that is not over is about, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from figgosync.core.initialisation import Phase
from figgosync.core.turns import Applicant
from figgosync.errors import Reason, SyncError
from figgosync.sync.initialisation.run import Run

_CANCELLING = "Cancelled: nothing new is begun; what is on its way to the calendars is let through."
_DOING = {
    Phase.PLANNING: "Looks at every calendar; nothing is written yet.",
    Phase.RUNNING: "Serves one employee after the other; the tenant's live changes go first.",
}
_AT_WORK = {Phase.PLANNING: Reason.PLANNING, Phase.RUNNING: Reason.RUNNING}


@dataclass(frozen=True, slots=True)
class State:
    """What one is about; `position` is how many go first, while it is queued.

    `moves` tells whether it gets on, so that its end can be estimated.
    """

    reason: Reason
    message: str
    position: int | None = None
    moves: bool = False


def held_back(run: Run, older: Sequence[Applicant], obstacle: str | None) -> State | None:
    """Return what a run waits for, None if it may go on."""
    # What the tenant has no part in comes first: a restart, when it is not ready, changes nothing.
    if older:
        names = ", ".join(each.name.name for each in older[:3])
        message = f"Waits until others on the same legal entities are over: {names}."
        return State(Reason.QUEUED, message, len(older))
    if run.spec.suspend:
        return State(
            Reason.SUSPENDED, "Suspended: nothing is done. Set spec.suspend to false to go on."
        )
    tenant = f"CalendarSyncTenant {run.spec.tenant.name}"  # whose spec.suspend may be meant
    if obstacle is not None and not run.has_begun:
        message = f"Waits for {tenant}, which says: {obstacle}"
        return State(Reason.WAITING_FOR_TENANT, message)
    if obstacle is not None:
        message = f"Interrupted until {tenant} can go on, which says: {obstacle}"
        return State(_AT_WORK[run.phase], message)
    return None


def at_work(phase: Phase, trouble: SyncError | None) -> State:
    """Return what one does that goes on; `trouble` is Figgo's, if it has any."""
    if trouble is not None:
        return State(_AT_WORK[phase], f"Figgo is asked again soon. {trouble.message}")
    return State(_AT_WORK[phase], _DOING[phase], moves=True)


def cancelling(phase: Phase) -> State:
    """Return what one does that was cancelled while calls were on their way."""
    return State(_AT_WORK[phase], _CANCELLING)
