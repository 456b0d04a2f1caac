"""The MAPI properties for which EWS has no word of its own, as an ExtendedFieldURI names them."""

from dataclasses import dataclass

from figgosync_sim.ews.errors import EWSError, not_simulated
from figgosync_sim.ews.soap import Element
from figgosync_sim.items import Item, NamedProperty

_CUSTOM_TAGS = range(0x8000, 0xFFFF)


@dataclass(frozen=True, slots=True)
class TaggedProperty:
    """A property of MAPI's own, of type String, under its number."""

    tag: int


CREATOR_NAME = TaggedProperty(0x3FF8)
"""PidTagCreatorName [verified: MS-OXCMSG]: the name of whoever created the item."""

AnyProperty = NamedProperty | TaggedProperty


def property_named(path: Element) -> AnyProperty:
    """Return the property of an ExtendedFieldURI.

    Verified [Microsoft's ExtendedFieldURI page]: a set's GUID goes with a name or a number, never
    with a tag or a well-known set; a tag is given in hexadecimal or decimal and not from the range
    of custom properties (the code of that refusal is assumed). Strings under a GUID and a name are
    simulated, and PidTagCreatorName.
    """
    given = set(path.attrib)
    if given not in (
        {"PropertySetId", "PropertyName", "PropertyType"},
        {"PropertySetId", "PropertyId", "PropertyType"},
        {"DistinguishedPropertySetId", "PropertyName", "PropertyType"},
        {"DistinguishedPropertySetId", "PropertyId", "PropertyType"},
        {"PropertyTag", "PropertyType"},
    ):
        raise EWSError("ErrorInvalidExtendedProperty")
    kind = path.get("PropertyType")
    if kind in {"Null", "Object", "ObjectArray", "Error"}:
        raise EWSError("ErrorUnsupportedMapiPropertyType")
    tag = path.get("PropertyTag")
    if tag is not None:
        return _tagged(tag, kind)
    set_id, name = path.get("PropertySetId"), path.get("PropertyName")
    if set_id is None or name is None or kind != "String":
        raise not_simulated("an extended property that is not a string named by GUID and name")
    return NamedProperty.of(set_id, name)


def _tagged(text: str, kind: str | None) -> TaggedProperty:
    tag = int(text, 16 if text.lower().startswith("0x") else 10)
    if tag in _CUSTOM_TAGS:
        raise EWSError("ErrorInvalidExtendedProperty")
    if TaggedProperty(tag) != CREATOR_NAME or kind != "String":
        raise not_simulated("a tagged property beside PidTagCreatorName")
    return CREATOR_NAME


def settable(path: Element) -> NamedProperty:
    """Return the property of an ExtendedFieldURI that a client sets or deletes.

    Assumed: what the store itself notes of an item cannot be set, which is answered as for EWS'
    own read-only elements.
    """
    named = property_named(path)
    if isinstance(named, TaggedProperty):
        raise EWSError("ErrorInvalidPropertySet")
    return named


def value_of(item: Item, named: AnyProperty) -> str | None:
    """Return what an item has under a property, None where it has no such thing."""
    if isinstance(named, NamedProperty):
        return item.properties.get(named)
    return item.creator or None


def described(named: AnyProperty) -> dict[str, str]:
    """Return the attributes of the ExtendedFieldURI in an answer.

    Assumed, as seen from many clients: a tag comes back in hexadecimal without leading zeros.
    """
    if isinstance(named, NamedProperty):
        return {
            "PropertySetId": named.set_id,
            "PropertyName": named.name,
            "PropertyType": "String",
        }
    return {"PropertyTag": f"{named.tag:#x}", "PropertyType": "String"}
