"""A whole world for one story: both simulators, a namespace, and the operator as a process."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from figgosync_controlplane.plane import ControlPlane
from figgosync_demo.installation import OperatorProcess, Release
from figgosync_demo.manifests import (
    TENANT,
    exchange_secret,
    figgo_secret,
    initialisation,
    tenant,
)
from figgosync_sim.company import PARIS
from figgosync_sim.mailboxes import Item
from figgosync_sim.outlook import Appointment
from figgosync_sim.stage import Stage
from support.eventually import eventually

AWA, BRUNO, CHLOE = 1202, 1203, 1204
FAR = date(2027, 6, 7)
"""A Monday far enough ahead that no test ever runs into it; no French holiday in its week."""

SOON = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class World:
    """What a story plays in. `figgo` acts upon Figgo, `outlook` looks into calendars."""

    release: Release
    stage: Stage
    operator: OperatorProcess
    namespace: str

    @property
    def plane(self) -> ControlPlane:
        """The control plane on which the release is installed."""
        return self.release.plane

    @property
    def _objects(self) -> str:
        return f"/apis/figgosync.io/v1alpha1/namespaces/{self.namespace}"

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        """Run kubectl in the world's namespace."""
        return self.plane.kubectl(f"--namespace={self.namespace}", *arguments, stdin=stdin)

    def apply_tenant(self, *, more: str = "", name: str = TENANT) -> None:
        """Apply the Secrets and the tenant."""
        documents = (
            figgo_secret(namespace=self.namespace),
            exchange_secret(namespace=self.namespace),
            tenant(self.stage, namespace=self.namespace, name=name, more=more),
        )
        self.kubectl("apply", "--filename=-", stdin="---".join(documents))

    def ready_tenant(self, *, more: str = "", name: str = TENANT) -> None:
        """Apply the tenant and wait until it has compared every calendar."""
        self.apply_tenant(more=more, name=name)
        self.kubectl("wait", f"cst/{name}", "--for=condition=Ready", "--timeout=30s")

    def tenant(self, name: str = TENANT) -> dict[str, Any]:
        """Return the tenant object."""
        return self.plane.rest.get(f"{self._objects}/calendarsynctenants/{name}")

    def condition(self, kind: str) -> dict[str, str]:
        """Return one condition of the tenant, empty while it is not there."""
        conditions = self.tenant().get("status", {}).get("conditions", [])
        return next((each for each in conditions if each["type"] == kind), {})

    def nudge(self) -> None:
        """Ask for a poll at once."""
        version = self.tenant()["metadata"]["resourceVersion"]
        self.kubectl(
            "annotate", f"cst/{TENANT}", f"figgosync.io/requestedAt={version}", "--overwrite"
        )

    def figgo(self, act: Callable[..., Any], *arguments: object, **more: object) -> Any:  # noqa: ANN401 - whatever the act returns
        """Do something in Figgo."""
        return self.stage.act(lambda: act(*arguments, **more))

    def book(
        self, employee: int, first: int = 0, last: int = 0, *, account: int = 8, **more: object
    ) -> int:
        """Book whole days, counted from FAR; return the leave period."""
        days = [(FAR + timedelta(days=first), "AM"), (FAR + timedelta(days=last), "PM")]
        period: int = self.figgo(self.stage.figgo.state.book, employee, *days, account, **more)
        return period

    def book_long_ago(self, employee: int, first: int = 0, last: int = 0) -> int:
        """Book whole days and have them approved, a month ago; return the leave period."""
        return self.book(
            employee, first, last, confirmed=True, at=datetime.now(UTC) - timedelta(days=30)
        )

    def initialise(
        self, name: str, *, legal_entities: Sequence[int] = (PARIS,), more: str = ""
    ) -> None:
        """Apply a SyncInitialisation from FAR on; `more` is further YAML of its spec."""
        manifest = initialisation(
            name, FAR, namespace=self.namespace, legal_entities=legal_entities, more=more
        )
        self.kubectl("apply", "--filename=-", stdin=manifest)

    def initialisation(self, name: str) -> dict[str, Any]:
        """Return the SyncInitialisation."""
        return self.plane.rest.get(f"{self._objects}/syncinitialisations/{name}")

    def ends(self, name: str) -> dict[str, Any]:
        """Wait until an initialisation is over, however it ends; return its status."""
        over = "--for=jsonpath={.status.completionTime}"
        self.kubectl("wait", f"syncinit/{name}", over, "--timeout=30s")
        status: dict[str, Any] = self.initialisation(name)["status"]
        return status

    def address(self, employee: int) -> str:
        """Return an employee's mail address."""
        mail = self.stage.figgo.state.people[employee].mail
        assert mail is not None
        return mail

    def outlook(self, employee: int) -> Sequence[Appointment]:
        """Return what the employee sees in Outlook."""
        address = self.address(employee)
        return self.stage.act(lambda: self.stage.exchange.store.outlook_view(address))

    def items(self, employee: int) -> list[Item]:
        """Return what is stored in the employee's calendar."""
        address = self.address(employee)
        return self.stage.act(lambda: self.stage.exchange.store.items(address))

    def shows(self, employee: int, *expected: tuple[int, int, str]) -> None:
        """Wait until the calendar shows exactly these: first day, last day (from FAR), status."""

        def check() -> bool:
            seen = [
                ((e.first - FAR).days, (e.last - FAR).days, str(e.status))
                for e in self.outlook(employee)
            ]
            assert sorted(seen) == sorted(expected)
            return True

        self.operator.check()
        eventually(check, within=SOON)

    def writes(self) -> int:
        """How many writes Exchange has been sent."""
        operations = self.stage.act(lambda: list(self.stage.exchange.log.operations()))
        return sum(name in ("CreateItem", "UpdateItem", "DeleteItem") for name in operations)
