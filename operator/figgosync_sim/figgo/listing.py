"""One v3 list or object: from its parameters to the JSON of the answer."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from figgosync_sim.faults import Misbehaviour
from figgosync_sim.figgo.misbehaviour import InsertDuringPaging, RepeatPage, WrongCount
from figgosync_sim.figgo.projection import Projector, chosen, fields_of_list, parse
from figgosync_sim.figgo.query import Filter, Grammar, Page, page_of
from figgosync_sim.figgo.refusal import Refusal
from figgosync_sim.figgo.schema import EntityType


@dataclass(frozen=True, slots=True)
class Paging:
    """How many rows a page has unless told and at most, and how many a list may find."""

    default: int
    largest: int
    heaviest: int | None = None


class Listing:
    """Answers the query of one request. `parameters` has lower-case names.

    Rows that no order was asked for are rotated by `disorder`.
    """

    def __init__(
        self,
        grammar: Grammar,
        projector: Projector,
        parameters: Mapping[str, str],
        disorder: int = 0,
    ) -> None:
        self._grammar = grammar
        self._projector = projector
        self._parameters = parameters
        self._disorder = disorder

    def collection(
        self,
        entity: EntityType,
        rows: Iterable[Any],
        filters: Sequence[Filter],
        paging: Paging,
        misbehaviour: Misbehaviour | None,
    ) -> dict[str, object]:
        """Return `data` of a list: `items`, `count`, or both."""
        fields = fields_of_list(self._parameters.get("fields", ""))
        project = self._projector.compile(entity, fields.selection)
        page = page_of(
            self._parameters.get("paging"), default=paging.default, largest=paging.largest
        )
        tests = [self._grammar.test(wanted) for wanted in filters]
        for test in tests:
            rows = filter(test, rows)
        found = self._in_order(list(rows))
        if paging.heaviest is not None and len(found) > paging.heaviest:
            raise Refusal(408, "The request took too long: it may be too complex.")
        data: dict[str, object] = {}
        if fields.count:
            data["count"] = len(found) + (
                misbehaviour.by if isinstance(misbehaviour, WrongCount) else 0
            )
        if fields.items:
            served = _repeated(page, misbehaviour)
            part = found[served.offset : served.offset + served.limit]
            data["items"] = [project(row) for row in part]
        if isinstance(misbehaviour, InsertDuringPaging):
            misbehaviour.act()
        return data

    def _in_order(self, found: list[Any]) -> list[Any]:
        order = self._parameters.get("orderby")
        if order is not None:
            self._grammar.sort(found, order)
            return found
        turn = self._disorder % max(len(found), 1)
        return found[turn:] + found[:turn]

    def single(self, entity: EntityType, item: object) -> dict[str, object]:
        """Return `data` of one object: all of its properties unless `fields` says [verified]."""
        selection = parse(self._parameters.get("fields", ""))
        if not selection:
            selection = chosen(p.name for p in entity.properties.values())
        return self._projector.compile(entity, selection)(item)


def _repeated(page: Page, misbehaviour: Misbehaviour | None) -> Page:
    if isinstance(misbehaviour, RepeatPage):
        return replace(page, offset=max(page.offset - page.limit, 0))
    return page
