"""Bodies of statuses for tests: which fields are in one, and what vandals make of it."""

from typing import Any

from hypothesis import strategies as st


def paths_in(schema: dict[str, Any], at: str = "") -> set[str]:
    """Return the path of every field of a schema, `.conditions[].type`."""
    found = {at}
    for name, child in schema.get("properties", {}).items():
        found |= paths_in(child, f"{at}.{name}")
    if "items" in schema:
        found |= paths_in(schema["items"], f"{at}[]")
    return found


def paths_of(value: object, at: str = "") -> set[str]:
    """Return the path of every field of a body."""
    found = {at}
    if isinstance(value, dict):
        for name, child in value.items():
            found |= paths_of(child, f"{at}.{name}")
    if isinstance(value, list):
        for child in value:
            found |= paths_of(child, f"{at}[]")
    return found


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


def vandalised(body: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Draw the same with some values, at any depth, replaced by anything."""
    choices: dict[str, st.SearchStrategy[Any]] = {}
    for name, value in body.items():
        kept = st.just(value)
        if isinstance(value, dict):
            kept = vandalised(value)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            kept = st.lists(vandalised(value[0]) | json_values, max_size=3)
        choices[name] = kept | json_values
    return st.fixed_dictionaries({}, optional=choices)
