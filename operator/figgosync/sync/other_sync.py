"""Notices that another synchronisation goes on writing into the calendars that we serve."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from figgosync.core.absence import EmployeeID
from figgosync.core.event import BY_HAND, Stranger
from figgosync.sync.work import Outcome

ITS_TIME = timedelta(minutes=15)
"""How long after our creation its double is looked for.

Lucca calls its own synchronisation one in real time; a quarter of an hour leaves it time to be
slow, and brings one look and one request more for each change that we make.
"""

MEMORY = timedelta(days=7)
"""How long a double speaks of a synchronisation that is at work.

A small company may book one absence a week. Whoever switches the other one off is rid of the
condition after as long.
"""

ENOUGH_PEOPLE = 2
"""One person may enter by hand what we have written already, whatever for; that two do within a
week, of the same title and time as ours and in the same way, which is not Outlook's usual one, is
hardly chance."""

Maker = tuple[str, EmployeeID]
"""A fingerprint, and in whose calendar it was met."""


class OtherSync:
    """Of one tenant. `seen` is what an earlier process knew of `last_seen`; times are aware.

    A restart forgets who was to be looked at and what was met; what that had shown, `last_seen`,
    it does not. The next changes show the rest again.
    """

    def __init__(self, seen: datetime | None = None) -> None:
        self._last_seen = seen
        self._looks: dict[EmployeeID, datetime] = {}
        self._arrivals: dict[Maker, datetime] = {}

    @property
    def last_seen(self) -> datetime | None:
        """When the last event arrived that is surely another synchronisation's; None for never."""
        return self._last_seen

    def active(self, now: datetime) -> bool:
        """Tell whether another synchronisation is taken to be at work."""
        return self._last_seen is not None and now - self._last_seen < MEMORY

    def done(self, outcome: Outcome, now: datetime) -> datetime | None:
        """Take note of a look at a calendar; return when one more is wanted, if it is.

        Looks already wanted stay as they are: what doubles a later creation may be missed by
        them, but will be found after the next one.
        """
        if outcome.report is None or not outcome.report.created:
            return None
        self._looks = {who: at for who, at in self._looks.items() if now - at < MEMORY}
        return self._looks.setdefault(outcome.place.assignment.employee, now + ITS_TIME)

    def wants(self, employee: EmployeeID, now: datetime) -> bool:
        """Tell whether to ask for the look-alikes of this employee's standing events now."""
        at = self._looks.get(employee)
        return at is not None and at <= now

    def note(
        self,
        employee: EmployeeID,
        strangers: Iterable[Stranger],
        *,
        since: datetime,
        served: int,
        now: datetime,
    ) -> None:
        """Take note of the look-alikes that were found, which also fulfils the wish.

        `since` is when the employee's legal entity was activated: what was made before was left by
        a synchronisation that may have ended. `served` is how many employees the tenant serves.
        """
        self._looks.pop(employee, None)
        latest = dict(self._arrivals)
        for maker, at in _arrivals(employee, strangers, since, now):
            latest[maker] = max(at, latest.get(maker, at))
        self._arrivals = {maker: at for maker, at in latest.items() if now - at < MEMORY}
        proof = _proof(self._arrivals, min(ENOUGH_PEOPLE, served))
        if proof is not None:
            self._last_seen = max(proof, self._last_seen or proof)


def _arrivals(
    employee: EmployeeID, strangers: Iterable[Stranger], since: datetime, now: datetime
) -> Iterator[tuple[Maker, datetime]]:
    for each in strangers:
        if each.fingerprint != BY_HAND and each.created_at > since:
            # The server's clock may be ahead of ours.
            yield (each.fingerprint, employee), min(each.created_at, now)


def _proof(arrivals: Mapping[Maker, datetime], enough: int) -> datetime | None:
    """Return when the last event arrived whose maker was met at enough people."""
    people: dict[str, list[datetime]] = {}
    for (fingerprint, _), at in arrivals.items():
        people.setdefault(fingerprint, []).append(at)
    return max((max(times) for times in people.values() if len(times) >= enough), default=None)
