"""What a pod's volumes hold, read from its manifest: files of API objects, or an empty folder."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from figgosync_kubelet.fields import Fields

_READABLE = 0o644
_TOKEN_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Items:
    """Files made of a ConfigMap or a Secret (`kind`).

    `paths` chooses keys and says their paths and modes (None: the volume's); empty means all.
    """

    kind: str
    name: str
    paths: Mapping[str, tuple[str, int | None]]
    optional: bool


@dataclass(frozen=True, slots=True)
class PodFields:
    """Files that each hold one field of the pod: path to field path and mode."""

    paths: Mapping[str, tuple[str, int | None]]


@dataclass(frozen=True, slots=True)
class Token:
    """A file with a token of the pod's ServiceAccount; no audience means the API server."""

    path: str
    audience: str
    seconds: int


Source = Items | PodFields | Token


@dataclass(frozen=True, slots=True)
class FilesVolume:
    """Files that nobody may change from within the pod."""

    sources: tuple[Source, ...]
    mode: int = _READABLE


@dataclass(frozen=True, slots=True)
class EmptyVolume:
    """A folder that is empty when the pod starts, and its own."""


Volume = FilesVolume | EmptyVolume

API_ACCESS = FilesVolume(
    (
        Token("token", "", 3607),
        Items("ConfigMap", "kube-root-ca.crt", {"ca.crt": ("ca.crt", None)}, optional=False),
        PodFields({"namespace": ("metadata.namespace", None)}),
    )
)
"""What the admission plugin ServiceAccount mounts into every pod (Kubernetes' own source)."""

API_ACCESS_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"


def read_volume(fields: Fields) -> tuple[str, Volume]:
    """Return a volume and its name; raises NotUnderstoodError for a kind that is not known."""
    with fields:
        name = fields.required("name")
        for kind, read in _KINDS.items():
            if (inner := fields.inner(kind)) is not None:
                with inner:
                    return name, read(inner)
        kinds = [each for each in fields.present() if each != "name"]
        raise fields.misfit(" ".join(kinds), f"a volume of this kind is not known ({name})")


def _config_map(fields: Fields) -> Volume:
    mode = fields.whole("defaultMode", _READABLE)
    return FilesVolume((_items(fields, "ConfigMap", "name"),), mode)


def _secret(fields: Fields) -> Volume:
    mode = fields.whole("defaultMode", _READABLE)
    return FilesVolume((_items(fields, "Secret", "secretName"),), mode)


def _downward(fields: Fields) -> Volume:
    mode = fields.whole("defaultMode", _READABLE)
    return FilesVolume((_pod_fields(fields),), mode)


def _empty(fields: Fields) -> Volume:
    # A medium of Memory only makes it faster, and nobody here fills it.
    fields.not_applied(("sizeLimit", "medium"))
    return EmptyVolume()


def _projected(fields: Fields) -> Volume:
    mode = fields.whole("defaultMode", _READABLE)
    return FilesVolume(tuple(_source(each) for each in fields.each("sources")), mode)


_KINDS: Mapping[str, Callable[[Fields], Volume]] = {
    "configMap": _config_map,
    "secret": _secret,
    "downwardAPI": _downward,
    "emptyDir": _empty,
    "projected": _projected,
}


def _source(fields: Fields) -> Source:
    with fields:
        if (inner := fields.inner("configMap")) is not None:
            with inner:
                return _items(inner, "ConfigMap", "name")
        if (inner := fields.inner("secret")) is not None:
            with inner:
                return _items(inner, "Secret", "name")
        if (inner := fields.inner("downwardAPI")) is not None:
            with inner:
                return _pod_fields(inner)
        if (inner := fields.inner("serviceAccountToken")) is not None:
            with inner:
                seconds = inner.whole("expirationSeconds", _TOKEN_SECONDS)
                return Token(inner.required("path"), inner.text("audience"), seconds)
        raise fields.misfit("", f"a source of {fields.present()} is not known")


def _items(fields: Fields, kind: str, name: str) -> Items:
    paths = {}
    for item in fields.each("items"):
        with item:
            paths[item.required("key")] = (item.required("path"), _mode(item))
    return Items(kind, fields.required(name), paths, fields.flag("optional", default=False))


def _pod_fields(fields: Fields) -> PodFields:
    paths = {}
    for item in fields.each("items"):
        with item:
            paths[item.required("path")] = (read_field_path(item, "fieldRef"), _mode(item))
    return PodFields(paths)


def read_field_path(fields: Fields, name: str) -> str:
    """Return the path of a fieldRef."""
    inner = fields.inner(name)
    if inner is None:
        raise fields.misfit(name, "only fields of the pod are known")
    with inner:
        inner.not_applied(("apiVersion",))
        return inner.required("fieldPath")


def _mode(item: Fields) -> int | None:
    mode = item.whole("mode", -1)
    return None if mode < 0 else mode
