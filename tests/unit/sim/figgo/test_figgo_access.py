"""Who may ask the tenant, how often, and how."""

import ssl
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from figgosync_sim.certificates import Authority
from figgosync_sim.figgo import DEFAULT_KEY
from figgosync_sim.server import serve
from unit.sim.figgo.asking import Asker, Clock, OpenFiggo

USERS = "/api/v3/users"


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        DEFAULT_KEY,
        f"Bearer {DEFAULT_KEY}",
        "lucca application=",
        "lucca application=00000000-0000-0000-0000-000000000000",
        f"lucca application={DEFAULT_KEY.upper()}",
    ],
)
@pytest.mark.parametrize(
    "path", [USERS, "/api/v3/leaves", "/organization/structure/api/establishments", "/nowhere"]
)
async def test_whoever_has_no_valid_key_is_refused(
    figgo: Asker, authorization: str | None, path: str
) -> None:
    answer = await figgo.get(path, authorization=authorization)
    assert answer.status == 401


@pytest.mark.parametrize(
    "scheme", ["lucca application=", "Lucca application=", "LUCCA APPLICATION="]
)
async def test_the_scheme_is_accepted_in_any_case(figgo: Asker, scheme: str) -> None:
    assert (await figgo.get(USERS, authorization=scheme + DEFAULT_KEY)).status == 200


async def test_a_replaced_key_stops_working_and_its_successor_works(figgo: Asker) -> None:
    figgo.state.set_key("the-new-one")
    assert (await figgo.get(USERS)).status == 401
    assert (await figgo.get(USERS, authorization="lucca application=the-new-one")).status == 200


async def test_a_revoked_key_stops_working_and_the_others_go_on(figgo: Asker) -> None:
    figgo.state.add_key("another")
    figgo.state.revoke_key(DEFAULT_KEY)
    assert (await figgo.get(USERS)).status == 401
    assert (await figgo.get(USERS, authorization="lucca application=another")).status == 200


async def test_a_key_given_to_the_simulator_replaces_the_default_one(open_figgo: OpenFiggo) -> None:
    figgo = await open_figgo(key="given")
    assert (await figgo.get(USERS)).status == 401
    assert (await figgo.get(USERS, authorization="lucca application=given")).status == 200


async def test_all_keys_share_fifty_requests_a_minute(figgo: Asker, clock: Clock) -> None:
    figgo.state.add_key("another")
    for number in range(50):
        key = ("another", DEFAULT_KEY)[number % 2]
        answer = await figgo.get(USERS, authorization=f"lucca application={key}")
        assert answer.status == 200
        clock.advance(seconds=0.5)
    refused = await figgo.get(USERS)
    assert refused.status == 429
    assert refused.headers["Retry-After"] == "35"
    clock.advance(seconds=34.9)
    assert (await figgo.get(USERS)).status == 429
    clock.advance(seconds=0.1)
    assert (await figgo.get(USERS)).status == 200
    assert (await figgo.get(USERS)).status == 429


async def test_the_allowance_can_be_lifted(open_figgo: OpenFiggo) -> None:
    figgo = await open_figgo(requests_per_minute=None)
    assert {(await figgo.get(USERS)).status for _ in range(60)} == {200}


async def test_more_than_eight_kilobytes_of_headers_are_refused(figgo: Asker) -> None:
    owners = ",".join(str(number) for number in range(100_000, 101_300))
    long = {"leavePeriod.ownerId": owners, "date": "2026-11-24"}
    assert (await figgo.get("/api/v3/leaves", long)).status == 431
    short = {**long, "leavePeriod.ownerId": owners[:6_999]}
    assert (await figgo.get("/api/v3/leaves", short)).status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
async def test_nothing_can_be_written(figgo: Asker, method: str) -> None:
    assert (await figgo.get(USERS, method=method)).status == 405


@pytest.mark.parametrize(
    "path", ["/", "/api/v2/leaves", "/api/leaves", "/api/v3", "/api/v3/users/1201/leaves"]
)
async def test_what_does_not_exist_is_not_found(figgo: Asker, path: str) -> None:
    assert (await figgo.get(path)).status == 404


@pytest.mark.parametrize(
    "path",
    [
        "/api/v3/leaverequests",
        "/API/V3/LeaveRequests",
        "/Organization/Structure/API/Establishments",
    ],
)
async def test_the_case_of_a_path_does_not_matter(figgo: Asker, path: str) -> None:
    assert (await figgo.get(path)).status == 200


async def test_answers_carry_the_tenants_own_time(figgo: Asker, clock: Clock) -> None:
    answer = await figgo.get(USERS)
    assert parsedate_to_datetime(answer.headers["Date"]) == clock.now
    refused = await figgo.get("/nowhere")
    assert parsedate_to_datetime(refused.headers["Date"]) == clock.now


async def test_the_log_tells_what_was_asked_without_the_key(figgo: Asker) -> None:
    await figgo.get(USERS, {"paging": "0,1"})
    await figgo.get("/api/v3/nothing")
    first, second = figgo.figgo.log
    assert (first.method, first.path, first.query, first.status) == (
        "GET",
        USERS,
        {"paging": "0,1"},
        200,
    )
    assert (second.path, second.status) == ("/api/v3/nothing", 404)
    assert "Host" in first.headers
    assert DEFAULT_KEY not in str(first)
    assert figgo.figgo.log.to(USERS) == [first]


async def test_a_client_that_does_not_know_the_authority_refuses_the_server(figgo: Asker) -> None:
    async with aiohttp.ClientSession() as stranger:
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await stranger.get(figgo.figgo.url)


@pytest.mark.parametrize(
    ("names", "validity"),
    [
        (("mail.elsewhere.example",), {}),
        (
            (),
            {
                "not_before": datetime(2020, 1, 1, tzinfo=UTC),
                "not_after": datetime.now(UTC) - timedelta(days=1),
            },
        ),
    ],
    ids=["for another name", "expired"],
)
async def test_a_wrong_certificate_can_be_served(
    authority: Authority, names: tuple[str, ...], validity: dict[str, datetime]
) -> None:
    context = authority.server_context(*names, **validity)
    async with serve(web.Application(), tls=context) as url, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await session.get(url, ssl=authority.client_context())


def test_the_authority_hands_its_certificate_out_as_a_file(tmp_path: Path) -> None:
    authority = Authority()
    path = authority.ca_file(tmp_path / "ca.pem")
    context = ssl.create_default_context(cafile=str(path))
    assert len(context.get_ca_certs()) == len(authority.client_context().get_ca_certs())
    assert path.read_text() == authority.pem()
