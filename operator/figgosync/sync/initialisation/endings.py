"""How an initialisation can end, in words."""

from datetime import date
from typing import assert_never

from figgosync.core.absence import LegalEntityID
from figgosync.core.conditions import Status
from figgosync.core.initialisation import Action, InitialisationSpec, Phase, Plan, Tally
from figgosync.errors import Reason
from figgosync.sync.initialisation.run import Ending

_ANOTHER = "create a new SyncInitialisation with another name"
_NAMED_AT_MOST = 10


def cancelled(
    action: Action, tally: Tally, phase: Phase | None, *, all_counted: bool = True
) -> Ending:
    """Say that it was called off in a phase, None before it began.

    `all_counted` is false where something may still arrive that the tally does not have.
    """
    match phase:
        case None:
            kept = "Nothing was done."
        case Phase.PLANNING:
            kept = "It was still planning: nothing was written."
        case Phase.RUNNING:
            kept = f"What it did stays: {_done(action, tally)}."
            if not all_counted:
                kept += " What was on its way to the calendars may have arrived in addition."
        case unreachable:
            assert_never(unreachable)
    return Ending(Status.FALSE, Reason.CANCELLED, f"Cancelled. {kept} To go on, {_ANOTHER}.")


def foreign(spec: InitialisationSpec, unknown: frozenset[LegalEntityID]) -> Ending:
    """Say which legal entities the tenant does not serve."""
    why = "which spec.legalEntities of the tenant does not name"
    return _invalid(spec, unknown, why, "Correct this list or the tenant's")


def unseen(spec: InitialisationSpec, unknown: frozenset[LegalEntityID]) -> Ending:
    """Say which legal entities Figgo does not show."""
    remedy = "Correct the list, or give the role of the API key access to them"
    return _invalid(spec, unknown, "which Figgo does not show to the API key", remedy)


def _invalid(
    spec: InitialisationSpec, unknown: frozenset[LegalEntityID], why: str, remedy: str
) -> Ending:
    named = ", ".join(map(str, sorted(unknown)[:_NAMED_AT_MOST]))
    more = ", ..." if len(unknown) > _NAMED_AT_MOST else ""
    tenant = spec.tenant
    return Ending(
        Status.FALSE,
        Reason.VALIDATION_FAILED,
        f"spec.legalEntities names {named}{more}, {why}. Nothing was done. {remedy}, and "
        f"{_ANOTHER}; `figgosync discover --namespace {tenant.namespace} --tenant {tenant.name}` "
        "lists the legal entities.",
    )


def plan_changed(plan: Plan) -> Ending:
    """Say that another plan was approved than the one that would be carried out."""
    return Ending(
        Status.FALSE,
        Reason.PLAN_CHANGED,
        "This is not the plan that spec.planDigest approves: by now something else would be "
        "deleted or disclosed, or that plan had another action, from, legalEntities, "
        "allLegalEntities or adopt, or was of another Figgo. Nothing was written. Look at "
        f"status.plan as it is now ({plan.digest}), and if it is right, {_ANOTHER} and this "
        "digest.",
    )


def planned(action: Action, plan: Plan, tally: Tally) -> Ending:
    """Say what an initialisation would do."""
    what = f"Nothing was written. It would delete {_counted(plan.delete, 'event')}."
    if action is Action.SYNC:
        people = _counted(plan.disclosing, "person", "people")
        what = (
            f"Nothing was written. It would create {_counted(plan.create, 'event')}, update "
            f"{plan.update}, delete {plan.delete}, take over {plan.adopt} of "
            f"{_counted(plan.look_alikes, 'look-alike')} and leave {plan.unchanged} as they are; "
            f"of {people} an absence type would become visible."
        )
    return _ended(what, tally, "not in the plan")


def done(spec: InitialisationSpec, tally: Tally, first_day: date) -> Ending:
    """Say what an initialisation did."""
    did = _done(spec.action, tally)
    if spec.action is Action.SYNC:
        what = f"Absences ending on {first_day} or later stand in the calendars: {did}."
        return _ended(what, tally, "the tenant's own sync goes on trying")
    what = f"Our events ending on {first_day} or later are removed: {did}."
    return _ended(what, tally, f"to remove theirs, {_ANOTHER}")


def _ended(what: str, tally: Tally, failed: str) -> Ending:
    if not tally.failed:
        return Ending(Status.TRUE, Reason.COMPLETED, what)
    nobody = tally.failed == tally.employees
    return Ending(
        Status.FALSE if nobody else Status.TRUE,
        Reason.COMPLETED_WITH_ERRORS,
        f"{what} {tally.failed} of {_counted(tally.employees, 'employee')} failed ({failed}); "
        "status.failures says why and what to do.",
    )


def _done(action: Action, tally: Tally) -> str:
    if action is Action.REMOVE:
        return f"{_counted(tally.deleted, 'event')} deleted"
    held_back = _counted(tally.blocked, "deletion")
    return (
        f"{_counted(tally.created, 'event')} created, {tally.updated} updated, {tally.deleted} "
        f"deleted, {tally.adopted} taken over, {tally.unchanged} unchanged"
        + (f", {held_back} held back by the breaker" if tally.blocked else "")
    )


def _counted(number: int, one: str, more: str | None = None) -> str:
    return f"{number} {one if number == 1 else more or one + 's'}"
