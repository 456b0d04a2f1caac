"""Reads the fields of an API object so that none is ignored by mistake."""

from collections.abc import Collection, Mapping
from typing import Any, Self

from figgosync_kubelet.errors import NotUnderstoodError


class Fields:
    """The fields of one object; what nobody has taken when the `with` block ends is an error.

    `place` is the path of the object, for messages. A field of the wrong type cannot come from an
    API server, which has checked it.
    """

    def __init__(self, body: Mapping[str, Any], place: str) -> None:
        self._body = body
        self._place = place
        self._taken: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None and (unknown := sorted(self._body.keys() - self._taken)):
            raise NotUnderstoodError(
                f"{self._place}.{unknown[0]} is not understood: this runner does not know how to"
                " do what it says, and would have to ignore it"
            )

    def text(self, name: str, default: str = "") -> str:
        """Take a string; an absent one is the default."""
        return str(self._take(name, default))

    def required(self, name: str) -> str:
        """Take a string that must be there."""
        if name not in self._body:
            raise NotUnderstoodError(f"{self._place} has no {name}")
        return self.text(name)

    def whole(self, name: str, default: int) -> int:
        """Take a whole number."""
        return int(self._take(name, default))

    def flag(self, name: str, *, default: bool) -> bool:
        """Take a boolean."""
        return bool(self._take(name, default))

    def texts(self, name: str) -> tuple[str, ...]:
        """Take a list of strings."""
        return tuple(str(each) for each in self._take(name, ()))

    def named(self, name: str) -> dict[str, str]:
        """Take a map of strings, such as labels."""
        return {str(key): str(value) for key, value in self._take(name, {}).items()}

    def value(self, name: str) -> Any:  # noqa: ANN401 - a port is a number or a name
        """Take whatever stands there, None if nothing."""
        return self._take(name, None)

    def inner(self, name: str) -> "Fields | None":
        """Take an object, None where it is absent."""
        body = self._take(name, None)
        return None if body is None else Fields(body, f"{self._place}.{name}")

    def each(self, name: str) -> "list[Fields]":
        """Take a list of objects."""
        return [
            Fields(body, f"{self._place}.{name}[{index}]")
            for index, body in enumerate(self._take(name, ()))
        ]

    def not_applied(self, names: Collection[str]) -> None:
        """Take what is known, and has no meaning for a process of this machine."""
        self._taken |= set(names)

    def misfit(self, name: str, why: str) -> NotUnderstoodError:
        """Return the error that says why a value of this object cannot be served."""
        return NotUnderstoodError(f"{self._place}.{name}: {why}")

    def present(self) -> list[str]:
        """Return the names of all fields."""
        return sorted(self._body)

    def _take(self, name: str, default: Any) -> Any:  # noqa: ANN401 - JSON
        self._taken.add(name)
        found = self._body.get(name)
        return default if found is None else found
