"""How an initialisation can end, in words."""

from datetime import date

from figgosync.core.absence import LegalEntityID
from figgosync.core.conditions import Status
from figgosync.core.initialisation import Action, InitialisationSpec, Plan, Tally
from figgosync.errors import Reason
from figgosync.sync.initialisation.run import Ending

_ANOTHER = "create a new SyncInitialisation with another name"
_NAMED_AT_MOST = 10


def cancelled(tally: Tally, *, begun: bool) -> Ending:
    """Say that it was called off."""
    kept = f"What it did stays: {_done(tally)}." if begun else "Nothing was done."
    return Ending(Status.FALSE, Reason.CANCELLED, f"Cancelled. {kept} To go on, {_ANOTHER}.")


def invalid(spec: InitialisationSpec, unknown: frozenset[LegalEntityID], whose: str) -> Ending:
    """Say which legal entities it cannot be about; `whose` says who does not know them."""
    named = ", ".join(map(str, sorted(unknown)[:_NAMED_AT_MOST]))
    more = ", ..." if len(unknown) > _NAMED_AT_MOST else ""
    return Ending(
        Status.FALSE,
        Reason.VALIDATION_FAILED,
        f"spec.legalEntities: {named}{more} {whose}. Nothing was done. Correct the list and "
        f"{_ANOTHER}; `figgosync discover --tenant {spec.tenant.name}` lists the legal entities.",
    )


def plan_changed(plan: Plan) -> Ending:
    """Say that another plan was approved than the one that would be carried out."""
    return Ending(
        Status.FALSE,
        Reason.PLAN_CHANGED,
        "What would be deleted or disclosed is no longer what spec.planDigest approves, so nothing "
        f"was written. Look at status.plan as it is now ({plan.digest}), and if it is right, "
        f"{_ANOTHER} and this digest.",
    )


def planned(plan: Plan, tally: Tally) -> Ending:
    """Say what an initialisation would do."""
    what = (
        f"Nothing was written. It would create {plan.create} events, update {plan.update}, delete "
        f"{plan.delete}, take over {plan.adopt} of {plan.look_alikes} look-alikes and leave "
        f"{plan.unchanged} as they are; of {plan.disclosing} people an absence type would become "
        "visible."
    )
    return _ended(what, tally, "they are not in the plan")


def done(spec: InitialisationSpec, tally: Tally, first_day: date) -> Ending:
    """Say what an initialisation did."""
    if spec.action is Action.SYNC:
        what = f"Absences ending on {first_day} or later stand in the calendars: {_done(tally)}."
        return _ended(what, tally, "the tenant's own sync goes on trying")
    what = f"Our events ending on {first_day} or later are removed: {_done(tally)}."
    return _ended(what, tally, f"to remove theirs, {_ANOTHER}")


def _ended(what: str, tally: Tally, failed: str) -> Ending:
    if not tally.failed:
        return Ending(Status.TRUE, Reason.COMPLETED, what)
    nobody = tally.failed == tally.employees
    return Ending(
        Status.FALSE if nobody else Status.TRUE,
        Reason.COMPLETED_WITH_ERRORS,
        f"{what} {tally.failed} of {tally.employees} employees failed ({failed}); status.failures "
        "says why and what to do.",
    )


def _done(tally: Tally) -> str:
    return (
        f"{tally.created} events created, {tally.updated} updated, {tally.deleted} deleted, "
        f"{tally.adopted} taken over, {tally.unchanged} unchanged"
        + (f", {tally.blocked} deletions held back by the breaker" if tally.blocked else "")
    )
