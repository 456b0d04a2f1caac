"""The addresses of a tenant's legacy API, and what each of them answers."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Any

from figgosync_sim.faults import Misbehaviour
from figgosync_sim.figgo import organization
from figgosync_sim.figgo.access import Rights
from figgosync_sim.figgo.catalogue import department_type, owner_type, user_type
from figgosync_sim.figgo.leave_types import LeaveTypes
from figgosync_sim.figgo.leaves import Leave
from figgosync_sim.figgo.listing import Listing, Paging
from figgosync_sim.figgo.projection import Projector
from figgosync_sim.figgo.query import RANGE_OPERATORS, Filter, Grammar, filters_of
from figgosync_sim.figgo.readings import Readings
from figgosync_sim.figgo.refusal import Refusal, bad_request
from figgosync_sim.figgo.schema import EntityType
from figgosync_sim.figgo.state import FiggoState
from figgosync_sim.figgo.values import Converter
from figgosync_sim.organisation import Person

Json = dict[str, object]

_PEOPLE = {
    "leaveperiod.ownerid": "id",
    "leaveperiod.owner.departmentid": "departmentid",
    "leaveperiod.owner.legalentityid": "legalentityid",
}
"""The filters on leaves that name people, and the properties of a person that they mean."""

_TIMESTAMPS = frozenset({"creationdate", "cancellationdate", "leaveperiod.confirmationdate"})
_MODIFIED = frozenset({"modifiedat"})
_LARGEST_USER_PAGE = 1000
_LARGEST_V4_PAGE = 1000
_DEFAULT_PAGE = 1000
_DEFAULT_V4_PAGE = 10


@dataclass(frozen=True, slots=True)
class Question:
    """One authenticated GET. `parameters` has lower-case names, `base` is the server's URL."""

    parameters: Mapping[str, str]
    rights: Rights
    base: str
    misbehaviour: Misbehaviour | None = None
    disorder: int = 0


class TenantApi:
    """Answers GETs from a state under one set of readings."""

    def __init__(self, state: FiggoState, readings: Readings, page_cap: int | None) -> None:
        self._state = state
        self._readings = readings
        self._page_cap = page_cap
        self._types = LeaveTypes(state, readings)

    def answer(self, path: str, question: Question) -> Json:
        """Return the JSON for a path, in any case [verified for one, assumed for all]."""
        parts = path.strip("/").lower().split("/")
        if parts[:2] == ["api", "v3"]:
            return {"data": self._v3(parts[2:], question)}
        if parts[:3] == ["organization", "structure", "api"]:
            return self._v4(parts[3:], path, question)
        raise _not_found()

    def _v3(self, parts: Sequence[str], question: Question) -> Json:
        lists = {
            "leaves": self._leaves,
            "leaverequests": self._requests,
            "users": self._users,
            "departments": self._departments,
        }
        singles = {"leaves": self._leave, "leaverequests": self._request, "users": self._user}
        match parts:
            case [name] if name in lists:
                return lists[name](question)
            case [name, key] if name in singles:
                return singles[name](key, question)
            case _:
                raise _not_found()

    def _v4(self, parts: Sequence[str], path: str, question: Question) -> Json:
        state, parameters = self._state, question.parameters
        paging = self._paging(_DEFAULT_V4_PAGE, _LARGEST_V4_PAGE)
        match parts:
            case ["establishments"]:
                rights = question.rights
                return organization.establishments(state, rights, parameters, paging, path)
            case ["legal-units"]:
                return organization.legal_units(state, parameters, paging, path)
            case _:
                raise _not_found()

    def _leaves(self, question: Question) -> Json:
        """List leaves. [verified] A day range and a set of people are mandatory.

        [assumed] 400 without them; any operator but `notequal` makes a day range, and any
        filter on the owner, his department or his establishment a set of people.
        """
        filters = filters_of(question.parameters)
        named = {wanted.path: wanted for wanted in filters}
        if "date" not in named or named["date"].operator == "notequal":
            raise bad_request("You must filter leaves on a date range.")
        if not named.keys() & _PEOPLE.keys():
            raise bad_request("You must filter leaves on a set of owners.")
        if self._readings.since_refused:
            _refuse_ranges(filters, _TIMESTAMPS)
        of_people = [wanted for wanted in filters if wanted.path in _PEOPLE]
        of_rows = [wanted for wanted in filters if wanted.path not in _PEOPLE]
        rows: Iterable[Leave] = self._leaves_of_people(of_people, question)
        rows = filter(self._types.is_served, rows)
        if not self._readings.lists_pending:
            rows = (leave for leave in rows if leave.period.confirmed)
        if "isactive" not in named and not self._readings.lists_inactive:
            rows = (leave for leave in rows if leave.active)
        paging = replace(
            self._paging(_DEFAULT_PAGE, self._readings.max_page),
            heaviest=self._readings.heaviest_list,
        )
        return self._list(self._types.leave, rows, of_rows, paging, question)

    def _leaves_of_people(self, filters: Sequence[Filter], question: Question) -> Iterable[Leave]:
        """Return the leaves that the key may see of the people whom the filters ask for.

        A large company has a hundred times more half-days than people: so people come first.
        """
        kept_back = question.rights.without_leaves()
        grammar = self._grammar(owner_type(self._state))
        tests = [grammar.test(replace(f, path=_PEOPLE[f.path])) for f in filters]
        return self._state.leave_book.of(
            person.id
            for person in self._state.people.values()
            if person.legal_entity not in kept_back and all(test(person) for test in tests)
        )

    def _leave(self, leave_id: str, question: Question) -> Json:
        """Return one leave, whatever its state; of several under one id the latest [assumed]."""
        kept_back = question.rights.without_leaves()
        for leave in reversed(self._state.leave_book.leaves):
            owner = self._state.people[leave.period.owner]
            if owner.legal_entity in kept_back or not self._types.is_served(leave):
                continue
            if self._types.id_of(leave).lower() == leave_id:
                return self._single(self._types.leave, leave, question)
        raise _not_found()

    def _requests(self, question: Question) -> Json:
        """List leave requests; no filter is mandatory [verified: `status` and `paging` work]."""
        kept_back = question.rights.without_leaves()
        rows = [
            request
            for request in self._state.leave_book.requests.values()
            if self._state.people[request.period.owner].legal_entity not in kept_back
        ]
        filters = filters_of(question.parameters)
        paging = self._paging(_DEFAULT_PAGE, self._readings.max_page)
        return self._list(self._types.request, rows, filters, paging, question)

    def _request(self, number: str, question: Question) -> Json:
        request = self._state.leave_book.requests.get(_number(number))
        kept_back = question.rights.without_leaves()
        if request is None or self._state.people[request.period.owner].legal_entity in kept_back:
            raise _not_found()
        return self._single(self._types.request, request, question)

    def _users(self, question: Question) -> Json:
        """List users; former ones only with `formerEmployees=true` [verified].

        Another sentence of the documentation lets `dtContractEnd=notequal,null` show them; the
        stricter reading is kept [assumed]. A contract that ends today is not over [assumed].
        """
        filters = [f for f in filters_of(question.parameters) if f.path != "formeremployees"]
        if self._readings.modified_since_refused:
            _refuse_ranges(filters, _MODIFIED)
        former = question.parameters.get("formeremployees", "false").lower() == "true"
        today = self._state.now().astimezone(self._readings.server_zone).date()
        rows = [
            person
            for person in self._people(question.rights)
            if former or person.contract_end is None or person.contract_end >= today
        ]
        paging = self._paging(_DEFAULT_PAGE, _LARGEST_USER_PAGE)
        return self._list(user_type(self._state), rows, filters, paging, question)

    def _user(self, number: str, question: Question) -> Json:
        for person in self._people(question.rights):
            if person.id == _number(number):
                return self._single(user_type(self._state), person, question)
        raise _not_found()

    def _people(self, rights: Rights) -> list[Person]:
        everybody = self._state.people.values()
        return [p for p in everybody if p.legal_entity not in rights.hidden_entities]

    def _departments(self, question: Question) -> Json:
        rows, filters = self._state.company.departments, filters_of(question.parameters)
        paging = self._paging(_DEFAULT_PAGE, _LARGEST_USER_PAGE)
        return self._list(department_type(self._state), rows, filters, paging, question)

    def _paging(self, default: int, largest: int) -> Paging:
        if self._page_cap is None:
            return Paging(min(default, largest), largest)
        return Paging(self._page_cap, self._page_cap)

    def _list(
        self,
        entity: EntityType,
        rows: Iterable[Any],
        filters: Sequence[Filter],
        paging: Paging,
        question: Question,
    ) -> Json:
        listing = self._listing(entity, question)
        return listing.collection(entity, rows, filters, paging, question.misbehaviour)

    def _single(self, entity: EntityType, item: object, question: Question) -> Json:
        return self._listing(entity, question).single(entity, item)

    def _listing(self, entity: EntityType, question: Question) -> Listing:
        projector = Projector(self._readings, question.base)
        grammar = self._grammar(entity)
        return Listing(grammar, projector, question.parameters, question.disorder)

    def _grammar(self, entity: EntityType) -> Grammar:
        converter = Converter(self._readings.server_zone, self._state.now())
        return Grammar(entity, converter, self._readings.timestamp_zone)


def _refuse_ranges(filters: Sequence[Filter], properties: AbstractSet[str]) -> None:
    if any(one.path in properties and one.operator in RANGE_OPERATORS for one in filters):
        raise bad_request("This property cannot be filtered on a range.")


def _not_found() -> Refusal:
    return Refusal(404, "Not Found")


def _number(text: str) -> int:
    if not text.isdecimal():
        raise _not_found()
    return int(text)
