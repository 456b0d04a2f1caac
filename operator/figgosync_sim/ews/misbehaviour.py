"""Faults that only Exchange has: an EWS error code in place of the work."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from figgosync_sim.ews.errors import EWSError, SOAPFaultError
from figgosync_sim.faults import Answer, Misbehaviour


@dataclass(frozen=True)
class Refuse(Misbehaviour):
    """Answer each part of the request with an error code; `as_fault` makes it a SOAP fault.

    `hints` become the values of MessageXml. `after` does the work first: the code is a lie, as
    when a server fails between storing and answering.
    """

    code: str
    text: str = ""
    hints: Mapping[str, str] = field(default_factory=dict)
    as_fault: bool = False
    after: bool = False

    def error(self) -> EWSError:
        """Return what to raise."""
        kind = SOAPFaultError if self.as_fault else EWSError
        return kind(self.code, self.text, self.hints)


def busy(back_off_milliseconds: int | None = None) -> Refuse:
    """Return a throttled answer: a SOAP fault, with the hint how long to wait if given.

    Verified [Microsoft's throttling page; exchangelib reads it there]: HTTP 500 and the value
    BackOffMilliseconds in MessageXml.
    """
    hints = {} if back_off_milliseconds is None else {"BackOffMilliseconds": back_off_milliseconds}
    return Refuse("ErrorServerBusy", hints={k: str(v) for k, v in hints.items()}, as_fault=True)


def busy_inside() -> Refuse:
    """Return the third way in which Exchange says that it is busy.

    Verified [Microsoft's throttling page]: HTTP 200 and ErrorInternalServerError around an inner
    ErrorServerBusy. The name of the value that holds the inner code is assumed.
    """
    return Refuse("ErrorInternalServerError", hints={"InnerErrorResponseCode": "ErrorServerBusy"})


def redirect_to_owa() -> Answer:
    """Return the redirect to Outlook on the web's login page that a wrong URL gets."""
    return Answer(302, {"Location": "/owa/auth/logon.aspx?replaceCurrent=1"}, "", "text/html")
