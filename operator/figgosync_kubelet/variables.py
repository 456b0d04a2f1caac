"""A container's environment as its manifest says it, and what it becomes.

Source of the rules: Kubernetes' own kubelet (makeEnvironmentVariables, envvars.FromServices) and
its package expansion.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from figgosync_kubelet.errors import NotUnderstoodError, PodError
from figgosync_kubelet.fields import Fields
from figgosync_kubelet.volumes import read_field_path

_REFERENCE = re.compile(r"\$(?:\$|\(([^)]*)\))")

Contents = Callable[[str, str], Mapping[str, bytes] | None]
"""Gives the contents of an object by kind and name, None where it does not exist."""


@dataclass(frozen=True, slots=True)
class KeyOf:
    """One key of a ConfigMap or a Secret (`kind`)."""

    kind: str
    name: str
    key: str
    optional: bool


@dataclass(frozen=True, slots=True)
class FieldOf:
    """One field of the pod, such as metadata.name."""

    path: str


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable whose value is text with $(REFERENCES), or is taken from elsewhere."""

    name: str
    value: str | KeyOf | FieldOf


@dataclass(frozen=True, slots=True)
class FromObject:
    """A variable for each key of a ConfigMap or a Secret."""

    kind: str
    name: str
    prefix: str
    optional: bool


def read_variable(fields: Fields) -> Variable:
    """Return one entry of `env`."""
    with fields:
        name = fields.required("name")
        text = fields.text("value")
        source = fields.inner("valueFrom")
        if source is None:
            return Variable(name, text)
        with source:
            for field, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
                if (inner := source.inner(field)) is not None:
                    with inner:
                        optional = inner.flag("optional", default=False)
                        key = inner.required("key")
                        return Variable(name, KeyOf(kind, inner.required("name"), key, optional))
            return Variable(name, FieldOf(read_field_path(source, "fieldRef")))


def read_from(fields: Fields) -> FromObject:
    """Return one entry of `envFrom`."""
    with fields:
        prefix = fields.text("prefix")
        for field, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
            if (inner := fields.inner(field)) is not None:
                with inner:
                    optional = inner.flag("optional", default=False)
                    return FromObject(kind, inner.required("name"), prefix, optional)
        raise fields.misfit("", f"a source of {fields.present()} is not known")


def environment(
    variables: Sequence[FromObject | Variable],
    contents: Contents,
    pod: Callable[[str], str],
    links: Mapping[str, str],
) -> dict[str, str]:
    """Return the environment: later entries win, and `links` of Services give way to all.

    `pod` gives a field of the pod. Raises PodError for an object or key that does not exist.
    """
    result: dict[str, str] = {}
    for variable in variables:
        match variable:
            case FromObject():
                result |= _all_of(variable, contents)
            case Variable(name, str(text)):
                result[name] = expand(text, {**links, **result})
            case Variable(name, FieldOf(path)):
                result[name] = pod(path)
            case Variable(name, KeyOf() as key):
                if (value := _one_of(key, contents)) is not None:
                    result[name] = value
            case _:
                raise NotUnderstoodError(f"{variable} is no variable")
    return {**links, **result}


def expand(text: str, known: Mapping[str, str]) -> str:
    """Replace each $(NAME) that is known; $$ is a dollar, and what is not known stays."""

    def replacement(match: re.Match[str]) -> str:
        name = match[1]
        return "$" if name is None else known.get(name, match[0])

    return _REFERENCE.sub(replacement, text)


def service_links(services: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the variables that tell of Services; of one without an address there are none."""
    links: dict[str, str] = {}
    for service in services:
        address = service["spec"].get("clusterIP", "")
        if address in {"", "None"}:
            continue
        name = _shouted(service["metadata"]["name"])
        ports = service["spec"]["ports"]
        links[f"{name}_SERVICE_HOST"] = address
        links[f"{name}_SERVICE_PORT"] = str(ports[0]["port"])
        links[f"{name}_PORT"] = _address(address, ports[0])
        for port in ports:
            if port.get("name"):
                links[f"{name}_SERVICE_PORT_{_shouted(port['name'])}"] = str(port["port"])
            protocol = port.get("protocol", "TCP")
            prefix = f"{name}_PORT_{port['port']}_{protocol}"
            links |= {
                prefix: _address(address, port),
                f"{prefix}_PROTO": protocol.lower(),
                f"{prefix}_PORT": str(port["port"]),
                f"{prefix}_ADDR": address,
            }
    return links


def _all_of(source: FromObject, contents: Contents) -> dict[str, str]:
    found = contents(source.kind, source.name)
    if found is None:
        if source.optional:
            return {}
        raise PodError(f"{source.kind} {source.name} does not exist")
    return {
        f"{source.prefix}{key}": value.decode()
        for key, value in sorted(found.items())
        if "=" not in key
    }


def _one_of(key: KeyOf, contents: Contents) -> str | None:
    found = contents(key.kind, key.name)
    if found is not None and key.key in found:
        return found[key.key].decode()
    if key.optional:
        return None
    missing = "does not exist" if found is None else f"has no key {key.key}"
    raise PodError(f"{key.kind} {key.name} {missing}")


def _shouted(name: str) -> str:
    return name.upper().replace("-", "_")


def _address(address: str, port: Mapping[str, Any]) -> str:
    return f"{port.get('protocol', 'TCP').lower()}://{address}:{port['port']}"
