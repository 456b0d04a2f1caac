"""Reads what values.yaml says about each value."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import yaml

_MARK = "# -- "


class UndocumentedValueError(ValueError):
    """A value has no comment; the message names it."""


@dataclass(frozen=True, slots=True)
class Value:
    """One row of the table: `key` with dots, `type` as JSON names it, `default` as JSON."""

    key: str
    type: str
    default: str
    description: str


def read_values(text: str) -> list[Value]:
    """Return the values in the order of `text`, the content of a values.yaml.

    A comment `# -- ...` right above a key describes it, as helm-docs has it; a mapping with such a
    comment is one value, one without is looked into. Raises UndocumentedValueError.
    """
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    return list(_values(root, (), text.splitlines()))


def _values(node: yaml.Node | None, path: tuple[str, ...], lines: Sequence[str]) -> Iterator[Value]:
    if not isinstance(node, yaml.MappingNode):
        raise UndocumentedValueError(f"{'.'.join(path) or 'the file'} is no mapping")
    for key, content in node.value:
        here = (*path, str(key.value))
        description = _comment_above(key.start_mark.line, lines)
        if description is not None:
            yield _value(here, content, description)
        elif isinstance(content, yaml.MappingNode) and content.value:
            yield from _values(content, here, lines)
        else:
            raise UndocumentedValueError(f"{'.'.join(here)} has no comment '{_MARK}...' above it")


def _comment_above(line: int, lines: Sequence[str]) -> str | None:
    """Return the description that ends right above the line, of one comment line or more."""
    words: list[str] = []
    for above in reversed(lines[:line]):
        text = above.strip()
        if text.startswith(_MARK):
            return " ".join([text.removeprefix(_MARK), *reversed(words)])
        if not text.startswith("#"):
            return None
        words.append(text.removeprefix("#").strip())
    return None


def _value(path: tuple[str, ...], node: yaml.Node, description: str) -> Value:
    default = yaml.safe_load(yaml.serialize(node))
    return Value(".".join(path), _type(default), json.dumps(default), description)


def _type(value: object) -> str:
    match value:
        case bool():
            return "boolean"
        case int():
            return "integer"
        case str():
            return "string"
        case list():
            return "array"
        case dict():
            return "object"
        case _:
            raise TypeError(f"a default may not be {value!r}")
