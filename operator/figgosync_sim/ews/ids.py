"""Identifiers as Exchange hands them out: opaque, case-sensitive, telling nothing to people."""

import base64
import binascii

from figgosync_sim.ews.errors import EWSError

_ITEM = b"\x00\x24\x00I"
_FOLDER = b"\x00\x24\x00F"
_CHANGE = b"\x11\x00\x00\x00"


def _encoded(kind: bytes, value: str) -> str:
    return base64.b64encode(kind + value.encode()).decode()


def _decoded(kind: bytes, text: str) -> str | None:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    if not raw.startswith(kind):
        return None
    return raw[len(kind) :].decode(errors="replace")


def item_id(stored: str) -> str:
    """Return the EWS id of an item in the store."""
    return _encoded(_ITEM, stored)


def stored_id(text: str) -> str:
    """Return the store's id; EWSError(ErrorInvalidIdEmpty, ErrorInvalidIdMalformed)."""
    if not text:
        raise EWSError("ErrorInvalidIdEmpty")
    stored = _decoded(_ITEM, text)
    if stored is None:
        raise EWSError("ErrorInvalidIdMalformed")
    return stored


def change_key(version: int) -> str:
    """Return the EWS change key of an item's version."""
    return _encoded(_CHANGE, f"{version:012d}")


def version(text: str | None) -> int | None:
    """Return the version in a change key, None without one; EWSError(ErrorInvalidChangeKey)."""
    if text is None:
        return None
    digits = _decoded(_CHANGE, text)
    if digits is None or not digits.isdigit():
        raise EWSError("ErrorInvalidChangeKey")
    return int(digits)


def folder_id(mailbox: str, name: str) -> str:
    """Return the EWS id of a folder of a mailbox (its guid)."""
    return _encoded(_FOLDER, f"{mailbox}/{name}")


def folder_of(text: str) -> tuple[str, str]:
    """Return the mailbox's guid and the folder's name; EWSError(ErrorInvalidIdMalformed)."""
    stored = _decoded(_FOLDER, text) if text else None
    if stored is None:
        raise EWSError("ErrorInvalidIdMalformed" if text else "ErrorInvalidIdEmpty")
    guid, _, name = stored.partition("/")
    return guid, name
