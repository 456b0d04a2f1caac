"""An installation that is limited to one namespace: a Role there, and nothing for the cluster."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from figgosync.kube.rights import RIGHTS, Where
from figgosync_controlplane.plane import ControlPlane

_ACCOUNT = "limited"


@dataclass(frozen=True, slots=True)
class RolesOnly:
    """The namespace, and the kubeconfig of the ServiceAccount that its Role is bound to."""

    namespace: str
    kubeconfig: Path

    @classmethod
    def install(cls, plane: ControlPlane, namespace: str) -> Self:
        """Create ServiceAccount, Role and RoleBinding in the namespace."""
        role = {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "Role",
            "metadata": {"name": "figgosync-default"},
            "rules": [
                {"apiGroups": [right.group], "resources": [right.path], "verbs": [right.verb]}
                for right in RIGHTS
                if right.where is not Where.CLUSTER
            ],
        }
        here = f"--namespace={namespace}"
        plane.kubectl("create", "serviceaccount", _ACCOUNT, here)
        plane.kubectl("create", "--filename=-", here, stdin=json.dumps(role))
        plane.kubectl(
            "create", "rolebinding", "figgosync-default", "--role=figgosync-default",
            f"--serviceaccount={namespace}:{_ACCOUNT}", here,
        )  # fmt: skip
        token = plane.create_token(namespace, _ACCOUNT)
        return cls(namespace, plane.kubeconfig_for_token(token))
