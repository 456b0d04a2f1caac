"""CalendarSyncTenants for tests: valid by default, and a table of what must be refused."""

from collections.abc import Mapping
from typing import Any

from support.manifests import GONE, BadSpec, manifest, stored

_SMALLEST_SPEC: dict[str, Any] = {
    "figgo": {"url": "https://acme.ilucca.net", "apiKeySecretRef": {"name": "acme-figgo"}},
    "legalEntities": [1, 4],
    "calendar": {
        "exchange": {
            "serverURL": "https://mail.acme.example/EWS/Exchange.asmx",
            "credentialsSecretRef": {"name": "acme-exchange"},
        }
    },
    "events": {"timeZone": "Europe/Paris"},
}


def a_tenant(changes: Mapping[str, object] | None = None, *, name: str = "acme") -> dict[str, Any]:
    """Return a manifest; `changes` are fields of the spec, `{"figgo.url": "http://x"}`."""
    return manifest("CalendarSyncTenant", name, _SMALLEST_SPEC, changes)


def a_stored_tenant(
    changes: Mapping[str, object] | None = None, **metadata: object
) -> dict[str, Any]:
    """Return a tenant as the API server gives it, though without what it fills in of the spec."""
    return stored(a_tenant(changes), metadata)


_ORIGIN = "must be https://HOST or https://HOST:PORT with the host in lower case"
_ENDPOINT = "must be https://HOST/PATH or https://HOST:PORT/PATH with the host in lower case"
_EXCHANGE_ONLINE = (
    "is Exchange Online, where Microsoft blocks EWS since October 2026 and ends it on 1 April 2027"
)
_EITHER = "give either legalEntities, a list of ids, or allLegalEntities: true, and not both"
_DURATION = "must be a duration such as 20s, 5m or 1m30s"
_SECRET = "must be the name of a Secret, lower case letters, digits, '-' and '.' only"
_DOMAIN = "must be a mail domain in lower case, such as acme.example"
_ZONE = "must be an IANA time zone such as Europe/Paris, or UTC"
_TITLE = "must be one line of text that does not begin or end with a space"
_YEARS = "must be between the years 2000 and 2099"
_CLASS = "must be a DNS label, lower case letters, digits and '-' only, such as default"
_MISSING = "Field required"
_CHOICE = "Input should be"

_FIGGO_URL = "figgo.url"
_SERVER_URL = "calendar.exchange.serverURL"
_HOURS = "events.workingHours"


def _figgo_url(url: str, says: str) -> BadSpec:
    return BadSpec({_FIGGO_URL: url}, f"spec.{_FIGGO_URL}", says)


def _server_url(url: str, says: str) -> BadSpec:
    return BadSpec({_SERVER_URL: url}, f"spec.{_SERVER_URL}", says)


def _changed(field: str, value: object, says: str, we_say: str | None = None) -> BadSpec:
    return BadSpec({field: value}, f"spec.{field}", says, we_say)


BAD_SPECS: dict[str, BadSpec] = {
    # operatorClass
    "a class in capitals": _changed("operatorClass", "Team-A", _CLASS),
    "an empty class": _changed("operatorClass", "", _CLASS),
    "a class of two labels": _changed("operatorClass", "team.a", _CLASS),
    "a class that ends with a hyphen": _changed("operatorClass", "team-", _CLASS),
    "a class with a line break": _changed("operatorClass", "team\n", _CLASS),
    "a class too long": _changed(
        "operatorClass", "a" * 41, "may not be more than 40", "at most 40 characters"
    ),
    # figgo
    "figgo is missing": _changed("figgo", GONE, "Required value", _MISSING),
    "figgo.url is missing": _changed(_FIGGO_URL, GONE, "Required value", _MISSING),
    "http": _figgo_url("http://acme.ilucca.net", "must begin with https://, because the API key"),
    "scheme in capitals": _figgo_url("HTTPS://acme.ilucca.net", "must begin with https://"),
    "a path": _figgo_url("https://acme.ilucca.net/api", _ORIGIN),
    "a trailing slash": _figgo_url("https://acme.ilucca.net/", _ORIGIN),
    "a query": _figgo_url("https://acme.ilucca.net?x=1", _ORIGIN),
    "a fragment": _figgo_url("https://acme.ilucca.net#x", _ORIGIN),
    "a trailing dot": _figgo_url("https://acme.ilucca.net.", _ORIGIN),
    "host in capitals": _figgo_url("https://ACME.ilucca.net", _ORIGIN),
    "no host": _figgo_url("https://", _ORIGIN),
    "an address written as one number": _figgo_url("https://2130706433", _ORIGIN),
    "a line break": _figgo_url("https://acme.ilucca.net\n", _ORIGIN),
    "user info": _figgo_url("https://me:pw@acme.ilucca.net", "must not hold a user name"),
    "a port too high": _figgo_url("https://acme.ilucca.net:65536", "the port must be 65535"),
    "port zero": _figgo_url("https://acme.ilucca.net:0", _ORIGIN),
    "a port without digits": _figgo_url("https://acme.ilucca.net:", _ORIGIN),
    "a url too long": _changed(
        _FIGGO_URL, "https://" + "a" * 260, "may not be more than 264", "at most 264 characters"
    ),
    "a secret name in capitals": _changed("figgo.apiKeySecretRef.name", "Acme", _SECRET),
    "a secret name that is a path": _changed("figgo.apiKeySecretRef.name", "../x", _SECRET),
    "a secret name is missing": BadSpec(
        {"figgo.apiKeySecretRef": {}},
        "spec.figgo.apiKeySecretRef.name",
        "Required value",
        _MISSING,
    ),
    "a secret key with a slash": _changed(
        "figgo.apiKeySecretRef.key", "a/b", "must be a key of a Secret"
    ),
    "a poll interval that is a number": _changed("figgo.pollInterval", "20", _DURATION),
    "a poll interval in words": _changed("figgo.pollInterval", "20 seconds", _DURATION),
    "an empty poll interval": _changed("figgo.pollInterval", "", _DURATION),
    "a poll interval too short": _changed(
        "figgo.pollInterval", "9s999ms", "must be from 10s to 1h"
    ),
    "a poll interval too long": _changed("figgo.pollInterval", "1h1ms", "must be from 10s to 1h"),
    "more requests than Lucca allows": _changed(
        "figgo.requestsPerMinute",
        51,
        "should be less than or equal to 50",
        "Input should be less than or equal to 50",
    ),
    "too few requests": _changed(
        "figgo.requestsPerMinute",
        5,
        "should be greater than or equal to 6",
        "Input should be greater than or equal to 6",
    ),
    # scope
    "no scope at all": BadSpec({"legalEntities": GONE}, "spec", _EITHER),
    "no scope and false": BadSpec(
        {"legalEntities": GONE, "allLegalEntities": False}, "spec", _EITHER
    ),
    "some and all": BadSpec({"allLegalEntities": True}, "spec", _EITHER),
    "an empty list of legal entities": _changed(
        "legalEntities", [], "should have at least 1 items", "should have at least 1 item"
    ),
    "legal entity zero": BadSpec(
        {"legalEntities": [0]},
        "spec.legalEntities[0]",
        "should be greater than or equal to 1",
        "Input should be greater than or equal to 1",
    ),
    # calendar
    "no calendar": _changed("calendar", {}, "choose exactly one kind of calendar"),
    "calendar is missing": _changed("calendar", GONE, "Required value", _MISSING),
    "Exchange over http": _server_url(
        "http://mail.acme.example/EWS/Exchange.asmx",
        "must begin with https://, because the password travels",
    ),
    "Exchange without a path": _server_url("https://mail.acme.example", _ENDPOINT),
    "Exchange with an empty path": _server_url("https://mail.acme.example/", _ENDPOINT),
    "Exchange with a query": _server_url("https://mail.acme.example/EWS/x?y=1", _ENDPOINT),
    "Exchange with a trailing dot": _server_url("https://mail.acme.example./EWS/x", _ENDPOINT),
    "Exchange host in capitals": _server_url("https://Mail.acme.example/EWS/x", _ENDPOINT),
    "Exchange with user info": _server_url(
        "https://svc:pw@mail.acme.example/EWS/x", "must not hold a user name or password"
    ),
    "Exchange with a port too high": _server_url(
        "https://mail.acme.example:70000/EWS/x", "the port must be 65535 or less"
    ),
    "Exchange Online": _server_url(
        "https://outlook.office365.com/EWS/Exchange.asmx", _EXCHANGE_ONLINE
    ),
    "Exchange Online's older name": _server_url(
        "https://outlook.office.com/EWS/Exchange.asmx", _EXCHANGE_ONLINE
    ),
    "Exchange Online with a port": _server_url(
        "https://outlook.office365.com:443/EWS/Exchange.asmx", _EXCHANGE_ONLINE
    ),
    "an unknown way to log in": _changed(
        "calendar.exchange.authentication", "Kerberos", 'supported values: "NTLM", "Basic"', _CHOICE
    ),
    "Exchange's Secret with a space": _changed(
        "calendar.exchange.credentialsSecretRef.name", "a b", _SECRET
    ),
    # events
    "events is missing": _changed("events", GONE, "Required value", _MISSING),
    "no time zone": _changed("events.timeZone", GONE, "Required value", _MISSING),
    "a time zone that does not exist": _changed(
        "events.timeZone", "Europe/Pariss", "must be a time zone that exists"
    ),
    "an offset as time zone": _changed("events.timeZone", "+01:00", _ZONE),
    "an abbreviation as time zone": _changed("events.timeZone", "CET", _ZONE),
    "a path as time zone": _changed("events.timeZone", "Europe/../Paris", _ZONE),
    "an empty title": _changed("events.title", "", _TITLE),
    "a blank title": _changed("events.title", "  ", _TITLE),
    "a title of two lines": _changed("events.title", "Absent\nreally", _TITLE),
    "a title that ends with a space": _changed("events.title", "Absent ", _TITLE),
    "a title that begins with a no-break space": _changed("events.title", "\u00a0Absent", _TITLE),
    "a remote work title with a control character": _changed(
        "events.remoteWorkTitle", "a\x07b", _TITLE
    ),
    "a title too long": _changed(
        "events.title", "x" * 101, "may not be more than 100", "at most 100 characters"
    ),
    "an unknown treatment of remote work": _changed(
        "events.remoteWork", "Hide", 'supported values: "Ignore"', _CHOICE
    ),
    "an unknown full day": _changed(
        "events.fullDay", "allDay", 'supported values: "AllDay", "TimeSlot"', _CHOICE
    ),
    "an unknown visibility": _changed(
        "events.visibility", "Public", 'supported values: "Default", "Private"', _CHOICE
    ),
    "an hour without its zero": BadSpec(
        {f"{_HOURS}.morning.from": "9:00"},
        f"spec.{_HOURS}.morning.from",
        'must be a time of day such as "09:00"',
    ),
    "an hour that does not exist": BadSpec(
        {f"{_HOURS}.afternoon.to": "24:00"},
        f"spec.{_HOURS}.afternoon.to",
        "must be a time of day such as",
        'must be a time of day such as "09:00"',
    ),
    "a morning that ends before it begins": BadSpec(
        {f"{_HOURS}.morning.to": "08:00"},
        f"spec.{_HOURS}",
        "the morning must end after it begins: morning.from < morning.to",
    ),
    "an afternoon before the morning's end": BadSpec(
        {f"{_HOURS}.afternoon.from": "12:00"},
        f"spec.{_HOURS}",
        "the afternoon must not begin before the morning ends: morning.to <= afternoon.from",
    ),
    "an afternoon without length": BadSpec(
        {f"{_HOURS}.afternoon.to": "14:00"},
        f"spec.{_HOURS}",
        "the afternoon must end after it begins: afternoon.from < afternoon.to",
    ),
    # employees
    "only nobody": _changed(
        "employees.only", [], "should have at least 1 items", "should have at least 1 item"
    ),
    "employee minus one": BadSpec(
        {"employees.except": [-1]},
        "spec.employees.except[0]",
        "should be greater than or equal to 1",
        "Input should be greater than or equal to 1",
    ),
    "one employee in both lists": BadSpec(
        {"employees.only": [7, 8], "employees.except": [8]},
        "spec.employees",
        "an employee must not stand in both only and except",
    ),
    # mailbox
    "an unknown attribute": _changed(
        "mailbox.attribute", "mail", 'supported values: "Mail", "Login"', _CHOICE
    ),
    "a domain in capitals": BadSpec(
        {"mailbox.allowedDomains": ["Acme.example"]}, "spec.mailbox.allowedDomains[0]", _DOMAIN
    ),
    "a wildcard domain": BadSpec(
        {"mailbox.allowedDomains": ["*.acme.example"]}, "spec.mailbox.allowedDomains[0]", _DOMAIN
    ),
    "no domain allowed": _changed(
        "mailbox.allowedDomains", [], "should have at least 1 items", "should have at least 1 item"
    ),
    "an address instead of a domain": BadSpec(
        {"mailbox.rewrite": [{"from": "a@old.example", "to": "new.example"}]},
        "spec.mailbox.rewrite[0].from",
        _DOMAIN,
    ),
    "a rewrite to itself": BadSpec(
        {"mailbox.rewrite": [{"from": "acme.example", "to": "acme.example"}]},
        "spec.mailbox.rewrite[0]",
        "from and to must differ",
    ),
    "a rewrite to a domain that is not allowed": BadSpec(
        {
            "mailbox.allowedDomains": ["acme.example"],
            "mailbox.rewrite": [{"from": "old.example", "to": "new.example"}],
        },
        "spec.mailbox",
        "every domain that rewrite leads to must stand in allowedDomains",
    ),
    "a domain rewritten twice": BadSpec(
        {
            "mailbox.rewrite": [
                {"from": "old.example", "to": "new.example"},
                {"from": "old.example", "to": "other.example"},
            ]
        },
        "spec.mailbox.rewrite[1]",
        "Duplicate value",
        "each domain may be rewritten only once",
        our_field="spec.mailbox",
    ),
    # the rest
    "a day instead of a moment": _changed(
        "activeSince", "2026-11-23", "must be of type date-time", "must have a time zone"
    ),
    "a moment before Figgo": _changed("activeSince", "1999-12-31T23:59:59Z", _YEARS),
    "a moment too far away": _changed("activeSince", "2100-01-01T00:00:00Z", _YEARS),
    "zero percent": _changed(
        "maxDeletions.percent", 0, "should be greater than or equal to 1", _CHOICE
    ),
    "a hundred and one percent": _changed(
        "maxDeletions.percent", 101, "should be less than or equal to 100", _CHOICE
    ),
    "a negative floor": _changed(
        "maxDeletions.atLeast", -1, "should be greater than or equal to 0", _CHOICE
    ),
    "a floor that is none": _changed(
        "maxDeletions.atLeast", 1001, "should be less than or equal to 1000", _CHOICE
    ),
    "an unknown deletion policy": _changed(
        "deletionPolicy", "Retain", 'supported values: "Orphan", "Delete"', _CHOICE
    ),
}

GOOD_SPECS: dict[str, Mapping[str, object]] = {
    "the smallest": {},
    "a class of one letter": {"operatorClass": "a"},
    "the longest class": {"operatorClass": "1" + "-a" * 19 + "z"},
    "all legal entities": {"legalEntities": GONE, "allLegalEntities": True},
    "a list and false": {"allLegalEntities": False},
    "a single label": {
        "figgo.url": "https://localhost",
        _SERVER_URL: "https://exchange/ews/x.asmx",
    },
    "a single label and a port": {
        "figgo.url": "https://localhost:8443",
        _SERVER_URL: "https://exchange:8444/ews/exchange.asmx",
    },
    "an IPv4 address": {"figgo.url": "https://127.0.0.1:8443"},
    "the highest port": {"figgo.url": "https://localhost:65535"},
    "a host that only sounds like Exchange Online": {
        _SERVER_URL: "https://outlook.office.com.acme.example/EWS/Exchange.asmx"
    },
    "the shortest poll": {"figgo.pollInterval": "10000ms"},
    "the longest poll": {"figgo.pollInterval": "59m60s"},
    "UTC": {"events.timeZone": "UTC"},
    "a zone of three parts": {"events.timeZone": "America/Argentina/Buenos_Aires"},
    "a title with an emoji and accents": {"events.title": "Congés d'été \U0001f3d6\ufe0f"},
    "a title of one letter": {"events.title": "A"},
    "one hour of the day": {"events.workingHours": {"morning": {"from": "08:15"}}},
    "no lunch": {
        "events.workingHours": {"morning": {"to": "13:00"}, "afternoon": {"from": "13:00"}}
    },
    "a canary": {"employees.only": [1207], "employees.except": [8]},
    "no exceptions": {"employees.except": []},
    "a rewrite to an allowed domain": {
        "mailbox": {
            "attribute": "Login",
            "allowedDomains": ["acme.example"],
            "rewrite": [{"from": "old.example", "to": "acme.example"}],
        }
    },
    "a moment with an offset": {"activeSince": "2026-11-23T01:00:00.25+01:00"},
    "everything else": {
        "maxDeletions": {"percent": 100, "atLeast": 0},
        "deletionPolicy": "Delete",
        "suspend": True,
        "events.visibility": "Private",
        "events.showAbsenceType": True,
    },
}
