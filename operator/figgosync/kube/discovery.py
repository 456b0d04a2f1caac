"""Whether the API server names our resources among those that it serves.

kopf looks there once, when it begins to watch: what it does not find it never watches, and says so
at a level that is not heard. A definition may be established before its group is named: by up to
30 ms on one idle kube-apiserver 1.37; of several each has its own pace.
"""

from http import HTTPStatus

from pydantic import BaseModel

from figgosync.errors import PermanentError, Reason
from figgosync.kube.answers import Answer, read_content
from figgosync.kube.api import ApiServer
from figgosync.kube.crds import LOOK_AGAIN
from figgosync.kube.names import API_VERSION, GROUP, VERSION

_ASKED = "read which resources are served"


class _Named(BaseModel):
    name: str


class _Version(BaseModel):
    version: str


class _Group(_Named):
    versions: tuple[_Version, ...]


class _Groups(BaseModel):
    groups: tuple[_Group, ...]


class _Resources(BaseModel):
    resources: tuple[_Named, ...] | None = None


async def is_discovered(api: ApiServer, plural: str) -> bool:
    """Tell whether our resource of that name is served; raises SyncError."""
    answer = _allowed(await api.get("/apis"))
    groups = read_content(answer, "APIGroupList", _ASKED, _Groups.model_validate)
    versions = [each.versions for each in groups.groups if each.name == GROUP]
    if not any(each.version == VERSION for group in versions for each in group):
        return False
    answer = _allowed(await api.get(f"/apis/{API_VERSION}"))
    if answer.status == HTTPStatus.NOT_FOUND:
        return False
    served = read_content(answer, "APIResourceList", _ASKED, _Resources.model_validate)
    return any(each.name == plural for each in served.resources or ())


def _allowed(answer: Answer) -> Answer:
    if answer.status != HTTPStatus.FORBIDDEN:
        return answer
    raise PermanentError(
        Reason.REQUEST_REFUSED,
        f"The operator may not {_ASKED}, and cannot watch what it does not find there: get /apis "
        "and /apis/*, which every account may by Kubernetes' own ClusterRole system:discovery. "
        "Bind that one to its ServiceAccount.",
        tenant_wide=True,
        retry_after=LOOK_AGAIN,
    )
