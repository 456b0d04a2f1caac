"""The lists in "v4" style: establishments and legal units."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from figgosync_sim.figgo.access import Rights
from figgosync_sim.figgo.directory import Directory
from figgosync_sim.figgo.listing import Paging
from figgosync_sim.figgo.refusal import bad_request
from figgosync_sim.organisation import Establishment, LegalUnit

Json = dict[str, object]


def establishments(
    directory: Directory,
    rights: Rights,
    parameters: Mapping[str, str],
    paging: Paging,
    path: str,
) -> Json:
    """Answer `GET /organization/structure/api/establishments` [verified: shape and filters]."""
    units = {unit.id: unit for unit in directory.company.legal_units}
    staff = [person.legal_entity for person in directory.people.values()]
    rows = [
        _establishment(place, units[place.legal_unit], staff.count(place.id))
        for place in directory.establishments.values()
        if place.id not in rights.hidden_entities
    ]
    rows = _among(rows, "id", parameters)
    rows = _among(rows, "legalUnitId", parameters)
    return _page(_searched(rows, parameters), parameters, paging, path)


def legal_units(
    directory: Directory, parameters: Mapping[str, str], paging: Paging, path: str
) -> Json:
    """Answer `GET /organization/structure/api/legal-units` [verified: shape]."""
    rows = [_legal_unit(unit) for unit in directory.company.legal_units]
    return _page(_searched(_among(rows, "id", parameters), parameters), parameters, paging, path)


def _establishment(place: Establishment, unit: LegalUnit, users: int) -> Json:
    return {
        "id": place.id,
        "name": place.name,
        "legalUnitId": unit.id,
        "code": f"E{place.id}",
        "legalUnit": {"id": unit.id, "name": unit.name},
        "legalIdentificationNumber": "00000000000000",
        "activityCode": "6201Z",
        "calendarId": place.calendar,
        "address": {"street": "1 rue Exemple", "zipCode": "00000", "city": place.city},
        "timezoneId": place.time_zone,
        "usersCount": users,
        "createdAt": "2019-03-04T00:00:00Z",
        "isArchived": place.archived,
    }


def _legal_unit(unit: LegalUnit) -> Json:
    country = {"id": 250, "name": "France", "code": "FR", "currencyCode": "EUR"}
    return {
        "id": unit.id,
        "name": unit.name,
        "countryId": country["id"],
        "code": f"U{unit.id}",
        "legalIdentificationNumber": "000000000",
        "activityCode": "6201Z",
        "country": {**country, "defaultTimeZone": "Europe/Paris"},
        "headquartersId": None,
        "createdAt": "2019-03-04T00:00:00Z",
        "isArchived": False,
    }


def _among(rows: list[Json], name: str, parameters: Mapping[str, str]) -> list[Json]:
    text = parameters.get(name.lower())
    if text is None:
        return rows
    wanted = {_whole(part, name) for part in text.split(",")}
    return [row for row in rows if row[name] in wanted]


def _searched(rows: list[Json], parameters: Mapping[str, str]) -> list[Json]:
    """Apply `search` (in the name) and `isArchived` (false unless told) [verified: they exist]."""
    text = parameters.get("search", "").casefold()
    archived = parameters.get("isarchived", "false").lower().split(",")
    return [
        row
        for row in rows
        if text in str(row["name"]).casefold() and str(row["isArchived"]).lower() in archived
    ]


def _page(rows: Sequence[Json], parameters: Mapping[str, str], paging: Paging, path: str) -> Json:
    """Return one page of the envelope without `data` [verified]; `page` counts from 1.

    [assumed] `prev` and `next` are relative addresses; parameters that mean nothing are ignored,
    as ASP.NET does; a page beyond the end is empty.
    """
    number = _whole(parameters.get("page", "1"), "page")
    limit = _whole(parameters.get("limit", str(paging.default)), "limit")
    if number < 1 or not 1 <= limit <= paging.largest:
        raise bad_request(f"limit should be between 1 and {paging.largest}, page at least 1")
    link: Callable[[int], str] = lambda n: f"{path}?{urlencode({'page': n, 'limit': limit})}"  # noqa: E731 - two uses in one literal
    first = (number - 1) * limit
    envelope: dict[str, Any] = {
        "items": list(rows[first : first + limit]),
        "prev": link(number - 1) if number > 1 else None,
        "next": link(number + 1) if first + limit < len(rows) else None,
    }
    if parameters.get("fields.root", "").lower() == "count":
        envelope["count"] = len(rows)
    return envelope


def _whole(text: str, name: str) -> int:
    if not text.isdecimal():
        raise bad_request(f"The value '{text}' is not valid for {name}.")
    return int(text)
