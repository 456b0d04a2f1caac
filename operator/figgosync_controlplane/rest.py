"""The API server asked directly, where a kubectl would cost more than the answer."""

import http.client
import json
import ssl
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from figgosync_controlplane.errors import ControlPlaneError

_MERGE_PATCH = "application/merge-patch+json"
_LATER = http.HTTPStatus.TOO_MANY_REQUESTS
_A_MOMENT = 0.05


class RestError(ControlPlaneError):
    """The API server refused: the status of its answer, and what it said.

    `causes` has one line for each field that is wrong, as kubectl prints them: `spec.from: why`.
    """

    def __init__(self, question: str, status: int, answer: Mapping[str, Any]) -> None:
        super().__init__(f"{question} was answered with {status}: {answer.get('message')}")
        self.status = status
        causes = (answer.get("details") or {}).get("causes", ())
        self.causes = [f"{each.get('field')}: {each.get('message')}" for each in causes]


class Rest:
    """Asks as one user, over a connection of its own each time; many threads may ask at once.

    A kubectl takes fifty milliseconds of a core to ask the same, and waiting tests ask often.
    `identity` is a PEM file with the certificate and the key of the user.
    """

    def __init__(
        self, url: str, ca: Path, identity: Path, limit: timedelta = timedelta(minutes=1)
    ) -> None:
        self._address = urlsplit(url).netloc
        self._limit = limit.total_seconds()
        self._context = ssl.create_default_context(cafile=str(ca))
        self._context.load_cert_chain(identity)

    def get(self, path: str) -> dict[str, Any]:
        """Return what stands at a path, such as `/api/v1/namespaces/hr`; raises RestError."""
        return self.ask("GET", path)

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the answer; the body of a PATCH is a merge patch.

        As kubectl does, it asks again where the server wants it to be asked later: for a moment
        after each change of a definition. Raises RestError where the answer is a refusal,
        ControlPlaneError where none comes, or none that can be understood.
        """
        deadline = time.monotonic() + self._limit
        while True:
            try:
                return self._ask_once(method, path, body)
            except RestError as refusal:
                if refusal.status != _LATER or time.monotonic() >= deadline:
                    raise
            time.sleep(_A_MOMENT)

    def _ask_once(self, method: str, path: str, body: Mapping[str, Any] | None) -> dict[str, Any]:
        question = f"{method} {path}"
        kind = _MERGE_PATCH if method == "PATCH" else "application/json"
        text = None if body is None else json.dumps(body)
        headers = {} if body is None else {"Content-Type": kind}
        connection = http.client.HTTPSConnection(
            self._address, timeout=self._limit, context=self._context
        )
        try:
            connection.request(method, path, text, {"Accept": "application/json", **headers})
            response = connection.getresponse()
            answer: object = json.loads(response.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise ControlPlaneError(f"{question} was not answered: {error}") from error
        finally:
            connection.close()
        if not isinstance(answer, dict):
            raise ControlPlaneError(f"{question} was answered by something that is no object")
        if response.status >= http.HTTPStatus.BAD_REQUEST:
            raise RestError(question, response.status, answer)
        return answer
