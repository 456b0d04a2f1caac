"""What the simulator remembers of each SOAP call, beside the HTTP request's own log entry."""

from dataclasses import dataclass

from figgosync_sim.requestlog import RequestLog


@dataclass(frozen=True, slots=True)
class EWSCall:
    """One call that got past the login.

    `impersonated` is the identity in the header as it was written, None without one. `outcome` is
    NoError, or the first code that was answered.
    """

    operation: str
    impersonated: str | None
    account: str
    scheme: str
    outcome: str


class EWSLog(RequestLog):
    """The HTTP requests, and the SOAP calls among them."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[EWSCall] = []

    def clear(self) -> None:
        """Forget what was asked so far."""
        super().clear()
        self.calls.clear()

    def operations(self) -> list[str]:
        """Return the names of the operations called, in order."""
        return [call.operation for call in self.calls]
