"""docs/discover.md shows what the command really prints, and lists every key of its JSON."""

import re
from collections.abc import Iterator
from pathlib import Path

from component.desk import a_desk
from figgo_world import AWA, BRUNO, lived_in
from figgosync_sim.organisation import Establishment

PAGE = Path(__file__).parents[2] / "docs" / "discover.md"
URL = "https://acme.ilucca.net"


async def test_the_example_is_what_the_command_prints_of_the_simulated_company() -> None:
    async with a_desk(legalEntities=[1, 4, 7], mailbox__allowedDomains=["societe.example"]) as desk:
        state = desk.world.state
        lived_in(desk.world)
        state.open_establishment(Establishment(9, "ACME Lille", 2, None, archived=True))
        state.change_mail(AWA, state.person(BRUNO).mail)
        printed = (await desk.text()).replace(desk.world.figgo.url, URL)
    blocks = re.findall(r"^```text\n(.+?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert blocks == [printed]


def _keys(value: object, path: str = "") -> Iterator[str]:
    """Yield the paths of all that has no further keys, `a.b[].c`."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _keys(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for inner in value:
            yield from _keys(inner, f"{path}[]")
    else:
        yield path


async def test_every_key_is_explained_and_no_other() -> None:
    async with a_desk() as desk:
        lived_in(desk.world)
        document = await desk.json()
    listed = re.findall(r"^\| `([\w.\[\]]+)` \|", PAGE.read_text(), re.MULTILINE)
    assert len(set(_keys(document))) >= 35, "too little was found"
    assert sorted(listed) == sorted(set(_keys(document)))


async def test_the_keys_do_not_depend_on_what_figgo_answers() -> None:
    """Whoever reads the document finds every key, be it null."""
    async with a_desk(legalEntities=[77]) as nothing, a_desk() as desk:
        lived_in(desk.world)
        empty, full = await nothing.json(), await desk.json()
    assert empty.keys() == full.keys()
    for name in ("employees", "absences", "pending", "timestamps", "requests"):
        assert empty[name].keys() == full[name].keys()
    for name in ("legalEntities", "addresses", "since"):
        assert {frozenset(each) for each in empty[name]} == {frozenset(each) for each in full[name]}
