"""Lets another process act upon simulators: a plain HTTP door beside the simulated systems."""

import hmac
import inspect
import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import get_args

from aiohttp import web

from figgosync_sim.faults import (
    Answer,
    Delay,
    DropAfter,
    DropBefore,
    Fault,
    Faults,
    HtmlError,
    Truncate,
)
from figgosync_sim.organisation import Boundary, Half

Verb = Callable[..., object]

FAULT_KINDS: Mapping[str, Callable[..., Fault]] = {
    "answer": Answer,
    "html_error": HtmlError,
    "delay": Delay,
    "drop_before": DropBefore,
    "drop_after": DropAfter,
    "truncate": Truncate,
}


def control_app(verbs: Mapping[str, Verb], token: str) -> web.Application:
    """Return an application that answers `POST /_control/{verb}` with `{"result": ...}`.

    The body is a JSON object of keyword arguments: a boundary is `["2026-12-24", "AM"]`, a day
    `"2026-12-24"`, a moment ISO 8601 with an offset, `hours` a number. The token is a Bearer
    token. 401 without it, 404 for an unknown verb or id, 400 for wrong arguments, 409 for an act
    that the state forbids; each of them with `{"error": ...}`.
    """

    async def act(request: web.Request) -> web.Response:
        offered = request.headers.get("Authorization", "")
        if not hmac.compare_digest(offered.encode(), f"Bearer {token}".encode()):
            return _error(401, "a Bearer token is needed")
        verb = verbs.get(request.match_info["verb"])
        if verb is None:
            return _error(404, f"there is no verb {request.match_info['verb']}")
        return _perform(verb, await request.text())

    app = web.Application()
    app.router.add_post("/_control/{verb:.+}", act)
    return app


def fault_verbs(
    faults: Faults, more_kinds: Mapping[str, Callable[..., Fault]] | None = None
) -> Mapping[str, Verb]:
    """Return the verbs that order faults from one simulator.

    `order_fault` takes `kind`, the fields of that fault, and `method`, `path`, `times`.
    """
    kinds = {**FAULT_KINDS, **(more_kinds or {})}

    def order_fault(
        kind: str,
        method: str | None = None,
        path: str | None = None,
        times: int = 1,
        **fields: object,
    ) -> None:
        if kind not in kinds:
            raise TypeError(f"a fault is one of {', '.join(sorted(kinds))}")
        faults.order(kinds[kind](**fields), method=method, path=path, times=times)

    return {
        "order_fault": order_fault,
        "pending_faults": lambda: [type(fault).__name__ for fault in faults.pending],
        "cancel_faults": faults.cancel,
    }


def _perform(verb: Verb, body: str) -> web.Response:
    try:
        sent = json.loads(body or "{}")
        arguments = {name: _argument(name, value) for name, value in sent.items()}
        inspect.signature(verb).bind(**arguments)
    except (TypeError, ValueError, AttributeError) as error:
        return _error(400, str(error))
    try:
        return web.json_response({"result": verb(**arguments)})
    except TypeError as error:
        return _error(400, str(error))
    except KeyError as error:
        return _error(404, f"unknown: {error}")
    except ValueError as error:
        return _error(409, str(error))


def _argument(name: str, value: object) -> object:
    """Turn a JSON value into what a parameter of this name takes everywhere in the simulators."""
    if value is None:
        return None
    match name:
        case "first" | "last":
            return _boundary(value)
        case "day" | "on" | "start":
            return date.fromisoformat(str(value))
        case "at":
            return _moment(str(value))
        case "hours":
            return timedelta(hours=float(str(value)))
        case _:
            return value


def _boundary(value: object) -> Boundary:
    match value:
        case [str(day), "AM" | "PM" as half]:
            return date.fromisoformat(day), "AM" if half == "AM" else "PM"
        case _:
            raise ValueError(f"a boundary is a day and one of {', '.join(get_args(Half))}")


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment names its offset")
    return moment


def _error(status: int, sentence: str) -> web.Response:
    return web.json_response({"error": sentence}, status=status)
