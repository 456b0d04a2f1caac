"""How many employees of a tenant are in which state, kept up to date instead of counted anew."""

from typing import NamedTuple

from figgosync.core.absence import EmployeeID


class Share(NamedTuple):
    """What one employee adds to the counts, or what all of them add up to.

    `unseen` have neither been served nor failed, `told` wait for a change that was heard of;
    `managed`, `tentative` and `blocked` count events.
    """

    in_sync: int = 0
    unseen: int = 0
    told: int = 0
    managed: int = 0
    tentative: int = 0
    blocked: int = 0


_NOTHING = Share()


class Headcount:
    """Of one tenant: whoever changes what an employee adds says so."""

    def __init__(self) -> None:
        self._shares: dict[EmployeeID, Share] = {}
        self.sum = _NOTHING

    def enter(self, employee: EmployeeID, share: Share) -> None:
        """Have an employee add this from now on, in place of what he added before."""
        before = self._shares.get(employee, _NOTHING)
        if share != before:
            self._shares[employee] = share
            steps = zip(self.sum, before, share, strict=True)
            self.sum = Share(*(total - old + new for total, old, new in steps))

    def leave(self, employee: EmployeeID) -> None:
        """Have an employee add nothing any more."""
        self.enter(employee, _NOTHING)
        self._shares.pop(employee, None)
