"""Asks again what Figgo had no time for: for a command, which nobody starts anew by itself."""

from datetime import datetime, timedelta

from figgosync.errors import Reason, TransientError
from figgosync.figgo.transport import Transport

TRIES = 4
LONGEST_WAIT = timedelta(minutes=2)
"""Whom Figgo tells to wait for longer is told so at once."""


class PatientTransport:
    """A Transport that waits and asks again where there were too many requests.

    The wait itself is that of the transport's bucket, which every refusal of this kind fills.
    `requests` counts what was sent, refusals included.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.requests = 0

    @property
    def server_time(self) -> datetime | None:
        """What the server's clock said with the latest answer."""
        return self._transport.server_time

    async def get(self, path_and_query: str) -> object:
        """Return the JSON that stands at an encoded path; raises only SyncErrors."""
        for _ in range(TRIES - 1):
            self.requests += 1
            try:
                return await self._transport.get(path_and_query)
            except TransientError as error:
                if error.reason is not Reason.THROTTLED or error.retry_after > LONGEST_WAIT:
                    raise
        self.requests += 1
        return await self._transport.get(path_and_query)
