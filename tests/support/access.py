"""What a ServiceAccount may do, in the judgement of the API server."""

from figgosync_controlplane.plane import ControlPlane

_REVIEWS = "/apis/authorization.k8s.io/v1/subjectaccessreviews"


def may(
    plane: ControlPlane,
    account: str,
    verb: str,
    resource: str,
    *,
    namespace: str | None = None,
    name: str = "",
) -> bool:
    """Ask whether the ServiceAccount `namespace:name` may do it there, or (None) everywhere.

    `resource` is as in `pods/log` or `calendarsynctenants.figgosync.io/status`. It is asked about
    and not asked itself, as a kubectl for each question would take longer than all else.
    """
    kind, _, subresource = resource.partition("/")
    plural, _, group = kind.partition(".")
    of, _, _ = account.partition(":")
    groups = ["serviceaccounts", f"serviceaccounts:{of}", "authenticated"]
    spec = {
        "user": f"system:serviceaccount:{account}",
        "groups": [f"system:{group}" for group in groups],
        "resourceAttributes": {
            "verb": verb,
            "group": group,
            "resource": plural,
            "subresource": subresource,
            "namespace": namespace or "",
            "name": name,
        },
    }
    status = plane.rest.ask("POST", _REVIEWS, {"spec": spec})["status"]
    # A judge that met trouble says no as well.
    assert "evaluationError" not in status, status
    allowed: bool = status["allowed"]
    return allowed
