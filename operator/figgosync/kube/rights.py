"""Every right that the operator needs, and what to say where one is missing.

The chart grants just these; a test holds the two against each other.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from typing import Any

from figgosync.errors import PermanentError, Reason
from figgosync.kube.crds import REQUIRED_CRD_VERSIONS
from figgosync.kube.names import GROUP, INITIALISATION_PLURAL, TENANT_PLURAL

LOOK_AGAIN = timedelta(seconds=30)
_MOST_PLACES = 3


class Where(Enum):
    """In which namespaces a right is needed before anything is begun.

    EVERYWHERE: in each watched namespace, or in the whole cluster. NAMED: in each watched
    namespace; an operator of the whole cluster is given it by the namespaces that have tenants,
    and tells a tenant where it lacks it. CLUSTER: for the whole cluster; an operator of some
    namespaces does without.
    """

    EVERYWHERE = auto()
    NAMED = auto()
    CLUSTER = auto()


@dataclass(frozen=True, slots=True)
class Right:
    """What is done to which resource, and why; `reason` completes "needs it to ..."."""

    verb: str
    group: str
    resource: str
    reason: str
    subresource: str = ""
    name: str = ""
    where: Where = Where.EVERYWHERE

    @property
    def path(self) -> str:
        """The resource as a role names it, such as `calendarsynctenants/status`."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource

    def review(self, namespace: str | None) -> Mapping[str, Any]:
        """Return the question whether we have it: in a namespace, or (None) in all of them."""
        attributes = {
            "verb": self.verb,
            "group": self.group,
            "resource": self.resource,
            "subresource": self.subresource,
            "name": self.name,
            "namespace": namespace or "",
        }
        return {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": {k: v for k, v in attributes.items() if v}},
        }


RIGHTS = (
    Right("get", GROUP, TENANT_PLURAL, "read a tenant again that changed while it was written"),
    Right("list", GROUP, TENANT_PLURAL, "learn of the tenants"),
    Right("watch", GROUP, TENANT_PLURAL, "learn of changes of the tenants"),
    Right("patch", GROUP, TENANT_PLURAL, "hold a tenant by its finalizer while events are removed"),
    Right("patch", GROUP, TENANT_PLURAL, "write the status", subresource="status"),
    Right(
        "get",
        GROUP,
        INITIALISATION_PLURAL,
        "read an initialisation again that changed while it was written",
    ),
    Right("list", GROUP, INITIALISATION_PLURAL, "learn of the initialisations"),
    Right("watch", GROUP, INITIALISATION_PLURAL, "learn of changes of the initialisations"),
    Right("patch", GROUP, INITIALISATION_PLURAL, "have an initialisation go with its tenant"),
    Right("delete", GROUP, INITIALISATION_PLURAL, "delete an initialisation when its time is over"),
    Right("patch", GROUP, INITIALISATION_PLURAL, "write their status", subresource="status"),
    Right("create", "events.k8s.io", "events", "write Events"),
    Right("patch", "events.k8s.io", "events", "count how often an Event repeats"),
    Right("get", "", "secrets", "read the credentials that a tenant names", where=Where.NAMED),
    *(
        Right(
            "get",
            "apiextensions.k8s.io",
            "customresourcedefinitions",
            "check the version of its definitions",
            name=name,
            where=Where.CLUSTER,
        )
        for name in REQUIRED_CRD_VERSIONS
    ),
)


@dataclass(frozen=True, slots=True)
class Need:
    """One right in one namespace, or (None) in all of them."""

    right: Right
    namespace: str | None


def needs(namespaces: Sequence[str]) -> Sequence[Need]:
    """Return all that is needed to serve these namespaces; none stands for the whole cluster."""
    if not namespaces:
        return [Need(right, None) for right in RIGHTS if right.where is not Where.NAMED]
    return [
        Need(right, namespace)
        for right in RIGHTS
        if right.where is not Where.CLUSTER
        for namespace in namespaces
    ]


def rights_missing(missing: Sequence[Need]) -> PermanentError:
    """Say which rights are missing and how they are given."""
    lacking = "; ".join(
        f"{right.verb} {_named(right)} {_places(missing, right)} (to {right.reason})"
        for right in _rights(missing)
    )
    kind = "ClusterRole" if missing[0].namespace is None else "Role in that namespace"
    rules = ", ".join(_rule(right) for right in _rights(missing))
    return PermanentError(
        Reason.REQUEST_REFUSED,
        f"The operator lacks rights: {lacking}. Run `helm upgrade` for the release that installed "
        f"it, or add to its {kind}, which a binding must give to its ServiceAccount, the rules "
        f"[{rules}].",
        tenant_wide=True,
        retry_after=LOOK_AGAIN,
    )


def _rights(missing: Iterable[Need]) -> Sequence[Right]:
    return list(dict.fromkeys(need.right for need in missing))


def _named(right: Right) -> str:
    group = f".{right.group}" if right.group else ""
    name = f" {right.name}" if right.name else ""
    return f"{right.path}{group}{name}"


def _places(missing: Iterable[Need], right: Right) -> str:
    places = [need.namespace for need in missing if need.right == right and need.namespace]
    if not places:
        return "in all namespaces"
    more = f" and {len(places) - _MOST_PLACES} more" if len(places) > _MOST_PLACES else ""
    named = ", ".join(places[:_MOST_PLACES])
    return f"in namespace{'s' if len(places) > 1 else ''} {named}{more}"


def _rule(right: Right) -> str:
    """Write a rule as it may stand in a role."""
    name = f", resourceNames: [{right.name}]" if right.name else ""
    group = right.group or '""'
    return f"{{apiGroups: [{group}], resources: [{right.path}]{name}, verbs: [{right.verb}]}}"
