"""What the tests of the tenant share: a clock that they turn and a client that asks."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp

from figgosync_sim.figgo import DEFAULT_KEY, RunningFiggo


class Clock:
    """The tenant's time of day; starts on a Tuesday at 10:00 in Paris."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the parsed JSON where it is JSON, else the text."""

    status: int
    body: Any
    headers: Any

    @property
    def items(self) -> list[dict[str, Any]]:
        assert self.status == 200, self.body
        items: list[dict[str, Any]] = self.body["data"]["items"]
        return items

    def column(self, name: str) -> list[Any]:
        return [item[name] for item in self.items]


LEAVES = "/api/v3/leaves"
EVERYBODY = {"leavePeriod.owner.legalEntityId": "1,4", "date": "since,2020-01-01"}


class Asker:
    """A client of one tenant, with the API key unless a test says otherwise.

    `period` is the leave period that a fixture booked.
    """

    period: int

    def __init__(self, figgo: RunningFiggo, session: aiohttp.ClientSession) -> None:
        self.figgo = figgo
        self.state = figgo.state
        self._session = session

    async def get(
        self,
        path: str,
        parameters: dict[str, str] | list[tuple[str, str]] | None = None,
        authorization: str | None = f"lucca application={DEFAULT_KEY}",
        method: str = "GET",
    ) -> Answer:
        headers = {} if authorization is None else {"Authorization": authorization}
        async with self._session.request(
            method, path, params=parameters, headers=headers
        ) as response:
            body = await (response.json() if "json" in response.content_type else response.text())
            return Answer(response.status, body, response.headers)

    async def leaves(self, fields: str = "id", **parameters: str) -> Answer:
        """List everybody's leaves, active or not, in the order of their ids."""
        return await self.get(
            LEAVES,
            {
                **EVERYBODY,
                "isActive": "true,false",
                "orderBy": "id,asc",
                "fields": fields,
                **parameters,
            },
        )


OpenFiggo = Callable[..., Awaitable[Asker]]
"""Opens a tenant: takes a state, and the options of `figgo_simulator`."""
