"""The forms that texts in a resource must have; each check raises ValueError with the remedy.

The sentences and the rules are those of the CRD under `crds/`, which the API server applies
first; a test holds the two against each other. They stand here again because an address decides
where an API key is sent, and a resource may be older than the rule that would refuse it today.
"""

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from figgosync.core.operator_class import CLASS_RULE, is_class

_HOST = (
    r"(?:(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z](?:[a-z0-9-]*[a-z0-9])?"
    r"|(?:[0-9]{1,3}\.){3}[0-9]{1,3})(?::[1-9][0-9]{0,4})?"
)
_ORIGIN = re.compile(rf"https://{_HOST}")
_ENDPOINT = re.compile(rf"https://{_HOST}/[A-Za-z0-9/._~-]*[A-Za-z0-9_~-]")
_EXCHANGE_ONLINE = re.compile(r"(?:[a-z0-9-]+\.)*outlook\.office(?:365)?\.com")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_SECRET_KEY = re.compile(r"[-._a-zA-Z0-9]+")
_DURATION = re.compile(r"(?:[0-9]{1,6}(?:ms|s|m|h))+")
_DURATION_PART = re.compile(r"([0-9]+)(ms|s|m|h)")
_TIME_OF_DAY = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_TIME_ZONE = re.compile(r"[A-Z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)+")
_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]([a-z0-9-]*[a-z0-9])?")

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")

_UNITS = {
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
}
_HTTPS_PORT = 443
_HIGHEST_PORT = 65535
_SHORTEST_POLL = timedelta(seconds=10)
_LONGEST_POLL = timedelta(hours=1)
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)


def authority(url: str) -> str:
    """Return host and port of an https address in their one form.

    Lower case, and the port only where it is not 443: `https://ACME.example:443/x` gives
    `acme.example`. Hosts are compared, and events identified, by this.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    return host if parts.port in (None, _HTTPS_PORT) else f"{host}:{parts.port}"


def figgo_url(text: str) -> str:
    """Return the address of a Figgo: `https://HOST[:PORT]`."""
    _require(
        text.startswith("https://"),
        "must begin with https://, because the API key travels with every request",
    )
    _require(
        "@" not in text,
        "must not hold a user name or password; the API key belongs in the Secret",
    )
    _require(
        _ORIGIN.fullmatch(text),
        "must be https://HOST or https://HOST:PORT with the host in lower case, without trailing "
        "dot or slash, path or query, for example https://acme.ilucca.net",
    )
    _require_port(text)
    return text


def exchange_url(text: str) -> str:
    """Return the address of Exchange Web Services on a company's own server."""
    _require(
        text.startswith("https://"),
        "must begin with https://, because the password travels with the requests",
    )
    _require("@" not in text, "must not hold a user name or password; they belong in the Secret")
    _require(
        _ENDPOINT.fullmatch(text),
        "must be https://HOST/PATH or https://HOST:PORT/PATH with the host in lower case and "
        "without trailing dot or query, for example https://mail.acme.example/EWS/Exchange.asmx",
    )
    _require_port(text)
    _require(
        not _EXCHANGE_ONLINE.fullmatch(urlsplit(text).hostname or ""),
        "is Exchange Online, where Microsoft blocks EWS since October 2026 and ends it on "
        "1 April 2027; exchange is for Exchange Server on the company's own host",
    )
    return text


def operator_class(text: str) -> str:
    """Return the name of an operator class (a DNS label)."""
    _require(is_class(text), CLASS_RULE)
    return text


def tenant_name(text: str) -> str:
    """Return the name of a tenant (a DNS subdomain)."""
    _require(
        _SUBDOMAIN.fullmatch(text),
        "must be the name of a CalendarSyncTenant, lower case letters, digits, '-' and '.' only",
    )
    return text


def secret_name(text: str) -> str:
    """Return the name of a Secret (a DNS subdomain)."""
    _require(
        _SUBDOMAIN.fullmatch(text),
        "must be the name of a Secret, lower case letters, digits, '-' and '.' only",
    )
    return text


def secret_key(text: str) -> str:
    """Return a key inside a Secret."""
    _require(
        _SECRET_KEY.fullmatch(text),
        "must be a key of a Secret, letters, digits, '-', '_' and '.' only",
    )
    return text


def poll_interval(text: str) -> str:
    """Return a duration from 10s to 1h."""
    _require(_DURATION.fullmatch(text), "must be a duration such as 20s, 5m or 1m30s")
    _require(_SHORTEST_POLL <= duration(text) <= _LONGEST_POLL, "must be from 10s to 1h")
    return text


def duration(text: str) -> timedelta:
    """Add up a duration such as `1m30s`, of which the form has been checked."""
    parts = _DURATION_PART.findall(text)
    return sum((int(number) * _UNITS[unit] for number, unit in parts), timedelta())


def title(text: str) -> str:
    """Return a title that calendars keep as it is: one line, no blanks at its ends."""
    _require(
        text
        and not _is_space(text[0])
        and not _is_space(text[-1])
        and not any(unicodedata.category(character) == "Cc" for character in text),
        "must be one line of text that does not begin or end with a space",
    )
    return text


def time_of_day(text: str) -> str:
    """Return a time from 00:00 to 23:59."""
    _require(_TIME_OF_DAY.fullmatch(text), 'must be a time of day such as "09:00"')
    return text


def wall_time(text: str) -> time:
    """Read a time of day, of which the form has been checked."""
    return time.fromisoformat(text)


def time_zone(text: str) -> str:
    """Return the name of a time zone that exists."""
    _require(
        text == "UTC" or _TIME_ZONE.fullmatch(text),
        "must be an IANA time zone such as Europe/Paris, or UTC",
    )
    try:
        ZoneInfo(text)
    except (OSError, ValueError, KeyError):  # a folder, a broken file, no such zone
        raise ValueError("must be a time zone that exists, such as Europe/Paris") from None
    return text


def domain(text: str) -> str:
    """Return a mail domain in lower case."""
    _require(_DOMAIN.fullmatch(text), "must be a mail domain in lower case, such as acme.example")
    return text


def date_time(text: str) -> str:
    """Return an RFC 3339 moment between the years 2000 and 2099."""
    _require(_EARLIEST <= moment(text) < _LATEST, "must be between the years 2000 and 2099")
    return text


def day(text: str) -> str:
    """Return a day between the years 2000 and 2099."""
    _require(_is_day(text), "must be a day such as 2026-01-01")
    first, last = _EARLIEST.date(), _LATEST.date()
    _require(first <= date.fromisoformat(text) < last, "must be between the years 2000 and 2099")
    return text


def plan_digest(text: str) -> str:
    """Return the digest of a plan."""
    _require(
        _DIGEST.fullmatch(text),
        "must be the digest of a plan as its status shows it, sha256: and 64 digits or letters "
        "from a to f",
    )
    return text


def moment(text: str) -> datetime:
    """Read an RFC 3339 moment as an aware datetime in UTC; ValueError where it is none."""
    read = datetime.fromisoformat(text.upper())
    _require(read.tzinfo, "must have a time zone, as in 2026-11-23T00:00:00Z")
    try:
        return read.astimezone(UTC)
    except OverflowError:
        raise ValueError("must be between the years 2000 and 2099") from None


def _is_day(text: str) -> bool:
    try:
        return _DAY.fullmatch(text) is not None and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _is_space(character: str) -> bool:
    return character.isspace() or unicodedata.category(character).startswith("Z")


def _require_port(url: str) -> None:
    port = url.split("/")[2].partition(":")[2]
    _require(not port or int(port) <= _HIGHEST_PORT, "the port must be 65535 or less")


def _require(holds: object, sentence: str) -> None:
    if not holds:
        raise ValueError(sentence)
