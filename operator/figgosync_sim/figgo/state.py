"""The whole state of a simulated Figgo tenant, and everything that people can do to it."""

from figgosync_sim.company import believable_company
from figgosync_sim.figgo.access import Access
from figgosync_sim.figgo.directory import Clock, Directory, wall_clock
from figgosync_sim.figgo.leaves import LeaveBook
from figgosync_sim.figgo.workflow import Workflow
from figgosync_sim.organisation import Company

DEFAULT_KEY = "2f1c6a0e-5d0b-4a39-9f61-0d6f6a7d4c11"
"""The API key of a tenant that was given none: a GUID, as Lucca's are [verified]."""


class FiggoState(Access, Directory, Workflow):
    """A tenant that other code acts upon directly: keys, people, and absences (see the bases).

    It knows nothing of HTTP. `now` returns the tenant's present moment, aware.
    """

    def __init__(
        self,
        company: Company | None = None,
        *,
        key: str = DEFAULT_KEY,
        now: Clock = wall_clock,
    ) -> None:
        self.leave_book = LeaveBook()
        Access.__init__(self, key)
        Directory.__init__(self, company or believable_company(), now)
        Workflow.__init__(self, self, self.leave_book)
        for entry in self.company.bookings:
            self.book(
                entry.owner,
                entry.first,
                entry.last,
                entry.account,
                confirmed=entry.confirmed,
                at=entry.at,
            )
