"""What the API server answered, and what it means for the one who asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any, TypeVar

from figgosync.errors import (
    ConflictError,
    CredentialError,
    PermanentError,
    Reason,
    SyncError,
    TransientError,
)

T = TypeVar("T")

_LONGEST_QUOTE = 500
_SUCCESS = range(200, 300)
_REFUSAL = range(400, 500)


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; `body` is None where it was no JSON object, so never when it is whole."""

    status: int
    body: Mapping[str, Any] | None
    retry_after: timedelta | None

    @property
    def message(self) -> str:
        """What the server says of a refusal, cut to a length that fits into a condition."""
        return str((self.body or {}).get("message", ""))[:_LONGEST_QUOTE]

    @property
    def reason(self) -> str:
        """The server's own word for a refusal, such as NotFound; empty where it gives none."""
        return str((self.body or {}).get("reason", ""))


def content(answer: Answer, kind: str, asked: str) -> Mapping[str, Any]:
    """Return the body of a success; raises the SyncError that the answer means otherwise.

    A success that is not of this `kind` (a proxy's page, half an object) is no success. `asked`
    completes "The operator may not ..."; no name of a person may stand in it.
    """
    body = answer.body
    if answer.status in _SUCCESS and body is not None and body.get("kind") == kind:
        return body
    raise error_for(answer, asked)


def read_content(
    answer: Answer, kind: str, asked: str, read: Callable[[Mapping[str, Any]], T]
) -> T:
    """Return what `read` makes of the body; what it raises a ValueError for is no success either.

    Raises as `content` does.
    """
    body = content(answer, kind, asked)
    try:
        return read(body)
    except ValueError:
        raise error_for(answer, asked) from None


def error_for(answer: Answer, asked: str) -> SyncError:
    """Say what a refusal means, or a success without content.

    Source of the codes: the Kubernetes API conventions, "HTTP Status codes".
    """
    if answer.status in _REFUSAL:
        return _refused(answer, asked)
    return TransientError(
        Reason.SERVER_ERROR,
        f"The Kubernetes API server answered {answer.status} where the operator wanted to "
        f"{asked}: {answer.message or 'nothing that can be read'}",
        tenant_wide=True,
        retry_after=answer.retry_after,
    )


def _refused(answer: Answer, asked: str) -> SyncError:
    match answer.status:
        case HTTPStatus.UNAUTHORIZED:
            return CredentialError(
                Reason.CREDENTIALS_REFUSED,
                "The Kubernetes API server does not accept the operator's token. Restart the "
                "operator if its ServiceAccount was created anew.",
                tenant_wide=True,
            )
        case HTTPStatus.FORBIDDEN:
            return PermanentError(
                Reason.REQUEST_REFUSED,
                f"The operator may not {asked}: {answer.message}. Run `helm upgrade` for "
                "the release that installed it, or install its roles again; its log says which "
                "rights it lacks.",
                tenant_wide=True,
                retry_after=timedelta(minutes=1),
            )
        case HTTPStatus.CONFLICT:
            said = f"Somebody else was faster: {answer.message}"
            return ConflictError(Reason.CONFLICT, said, tenant_wide=True)
        case HTTPStatus.GONE:
            return TransientError(
                Reason.INCOMPLETE_READ,
                "A list of the Kubernetes API server changed while it was read.",
                tenant_wide=True,
                retry_after=timedelta(seconds=5),
            )
        case HTTPStatus.TOO_MANY_REQUESTS:
            return TransientError(
                Reason.THROTTLED,
                "The Kubernetes API server asks for fewer requests.",
                tenant_wide=True,
                retry_after=answer.retry_after,
            )
        case _:
            return PermanentError(
                Reason.REQUEST_REFUSED,
                f"The Kubernetes API server refused to let the operator {asked} "
                f"({answer.status}): {answer.message}",
                tenant_wide=True,
            )
