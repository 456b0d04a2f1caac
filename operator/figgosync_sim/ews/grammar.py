"""A short notation for XML Schema, so that a schema of many elements stays readable."""

import re

_BUILT_IN = {"string", "int", "boolean", "dateTime", "anyType", "base64Binary", "language"}
_OCCURS = {
    "": "",
    "?": ' minOccurs="0"',
    "*": ' minOccurs="0" maxOccurs="unbounded"',
    "+": ' maxOccurs="unbounded"',
}


def _type(name: str) -> str:
    return f"xs:{name}" if name in _BUILT_IN else f"t:{name}"


def elements(notation: str) -> str:
    """Turn `Name?=type` words into element declarations; `&Name` refers to a global element."""
    declared = []
    for word in notation.split():
        name, occurs, kind = re.fullmatch(r"(&?\w+)([?*+]?)(?:=(\w+))?", word).groups()  # type: ignore[union-attr]  # a word that does not match is a mistake in this file, and fails at import
        what = f'ref="t:{name[1:]}"' if name[0] == "&" else f'name="{name}"'
        typed = "" if name[0] == "&" else f' type="{_type(kind or "anyType")}"'
        declared.append(f"<xs:element {what}{typed}{_OCCURS[occurs]}/>")
    return "".join(declared)


def attributes(notation: str) -> str:
    """Turn `Name?=type` words into attribute declarations; without `?` it is required."""
    declared = []
    for word in notation.split():
        name, optional, kind = re.fullmatch(r"(\w+)(\??)=(\w+)", word).groups()  # type: ignore[union-attr]  # as above
        use = "optional" if optional else "required"
        declared.append(f'<xs:attribute name="{name}" type="{_type(kind)}" use="{use}"/>')
    return "".join(declared)


def sequence(children: str, own: str = "") -> str:
    """Declare children in this order, and attributes."""
    return f"<xs:sequence>{elements(children)}</xs:sequence>{attributes(own)}"


def choice(children: str, own: str = "", *, many: bool = False) -> str:
    """Declare one of the children, or many of them in any order, and attributes."""
    occurs = _OCCURS["+"] if many else ""
    return f"<xs:choice{occurs}>{elements(children)}</xs:choice>{attributes(own)}"


def complex_type(name: str, content: str) -> str:
    """Name a type of elements."""
    return f'<xs:complexType name="{name}">{content}</xs:complexType>'


def enumeration(name: str, values: str) -> str:
    """Name a type of texts that is one of these words."""
    listed = "".join(f'<xs:enumeration value="{value}"/>' for value in values.split())
    return (
        f'<xs:simpleType name="{name}"><xs:restriction base="xs:string">{listed}'
        "</xs:restriction></xs:simpleType>"
    )
