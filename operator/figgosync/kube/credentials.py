"""Secrets with the tenants' credentials: what may be taken from one, and the remedies."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from figgosync.errors import PermanentError, Reason
from figgosync.kube.answers import Answer
from figgosync.kube.names import CREDENTIALS_LABEL

_SERVICE_ACCOUNT = re.compile(r"system:serviceaccount:([a-z0-9-]+):([a-z0-9.-]+)")

# Nobody tells us when somebody creates a Secret or binds a role: they are never watched.
_LOOK_AGAIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Secret:
    """A labelled Secret. `data` holds what is text (UTF-8), without a newline at its end.

    The newline is what `kubectl create secret --from-file` takes along from most editors' files.
    `version` is the resourceVersion: another one means that something changed.
    """

    namespace: str
    name: str
    data: Mapping[str, str] = field(repr=False)
    version: str

    def text(self, key: str) -> str:
        """Return the text under a key; raises PermanentError SECRET_KEY_MISSING."""
        if value := self.data.get(key):
            return value
        raise PermanentError(
            Reason.SECRET_KEY_MISSING,
            f"Secret {self.name} in namespace {self.namespace} holds no text under the key {key}. "
            f"Write it with `kubectl -n {self.namespace} edit secret {self.name}` "
            f"(stringData: {{{key}: ...}}).",
            tenant_wide=True,
            retry_after=_LOOK_AGAIN,
        )


def secret_from(body: Mapping[str, Any]) -> Secret:
    """Read a Secret as the API server gives it.

    Raises PermanentError SECRET_NOT_LABELLED: without the label anybody who may create a tenant
    could send any Secret of the namespace to a host of their choice.
    """
    metadata = body["metadata"]
    namespace, name = metadata["namespace"], metadata["name"]
    if (metadata.get("labels") or {}).get(CREDENTIALS_LABEL) != "true":
        raise PermanentError(
            Reason.SECRET_NOT_LABELLED,
            f"Secret {name} in namespace {namespace} is not meant for the operator. If it is, run "
            f"`kubectl -n {namespace} label secret {name} {CREDENTIALS_LABEL}=true`.",
            tenant_wide=True,
            retry_after=_LOOK_AGAIN,
        )
    return Secret(
        namespace=namespace,
        name=name,
        data=_texts(body.get("data") or {}),
        version=metadata["resourceVersion"],
    )


def secret_missing(namespace: str, name: str) -> PermanentError:
    """Say that a Secret does not exist."""
    return PermanentError(
        Reason.SECRET_NOT_FOUND,
        f"Secret {name} does not exist in namespace {namespace}. Create it there with the label "
        f"{CREDENTIALS_LABEL}: "
        f'"true".',
        tenant_wide=True,
        retry_after=_LOOK_AGAIN,
    )


def credentials_role(operator_class: str) -> str:
    """Return the name of the ClusterRole that each tenant's namespace binds."""
    return f"figgosync-credentials-{operator_class}"


def secrets_forbidden(namespace: str, answer: Answer, role: str | None) -> PermanentError:
    """Say that `role` is not bound in the namespace; the API server's answer names us.

    It is None where the operator has a Role of its own in each of its namespaces.
    """
    if role is None:
        remedy = (
            "Run `helm upgrade` for the release that installed it, or add to its Role there the "
            'rule {apiGroups: [""], resources: [secrets], verbs: [get]}.'
        )
    else:
        remedy = f"Run `{_binding(namespace, answer, role)}`."
    return PermanentError(
        Reason.REQUEST_REFUSED,
        f"The operator may not read Secrets in namespace {namespace}. {remedy}",
        tenant_wide=True,
        retry_after=_LOOK_AGAIN,
    )


def _binding(namespace: str, answer: Answer, role: str) -> str:
    who = _SERVICE_ACCOUNT.search(answer.message)
    account = f"{who[1]}:{who[2]}" if who else "NAMESPACE:SERVICEACCOUNT"
    return (
        f"kubectl -n {namespace} create rolebinding {role} "
        f"--clusterrole={role} --serviceaccount={account}"
    )


def _texts(data: Mapping[str, str]) -> dict[str, str]:
    texts = {}
    for key, encoded in data.items():
        try:
            text = base64.b64decode(encoded, validate=True).decode()
        except ValueError:  # a keystore, an image: not ours to read
            continue
        texts[key] = text.removesuffix("\n").removesuffix("\r")
    return texts
