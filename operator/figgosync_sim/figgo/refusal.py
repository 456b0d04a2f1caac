"""What the server says when it refuses, in the shape that the readings choose."""

import json
from collections.abc import Mapping

from aiohttp import web

from figgosync_sim.figgo.readings import ErrorForm


class Refusal(Exception):  # noqa: N818 - an answer of the server, not an error of ours
    """An answer other than 200; `message` is the server's sentence."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = dict(headers or {})


def bad_request(message: str) -> Refusal:
    """Return the refusal of a query that the server does not understand."""
    return Refusal(400, message)


def unknown_property(name: str, type_name: str) -> Refusal:
    """Return the refusal of a property that does not exist [verified, with their spelling]."""
    return bad_request(f"Selected property {name} does not exist on objet of type {type_name}")


def response_to(refusal: Refusal, form: ErrorForm) -> web.Response:
    """Return the HTTP answer for a refusal.

    [verified] All three shapes have existed: a JSON object with `detail` (problem details), one
    with `Status`, `Message` and `StackTrace`, and plain text under a JSON content type.
    """
    content_type = "application/json"
    match form:
        case ErrorForm.DETAIL:
            content_type = "application/problem+json"
            problem = {"title": "Error", "status": refusal.status, "detail": refusal.message}
            body = json.dumps(problem)
        case ErrorForm.MESSAGE:
            trace = "   at Lucca.Web.Controllers.ReadOnlyController.GetAsync()"
            fields = {"Status": refusal.status, "Message": refusal.message, "StackTrace": trace}
            body = json.dumps(fields)
        case ErrorForm.PLAIN_TEXT:
            body = refusal.message
    return web.Response(
        status=refusal.status, text=body, content_type=content_type, headers=refusal.headers
    )
