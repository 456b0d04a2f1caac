"""The whole way through the installation's proxy: what goes through it, and what goes past it."""

import pytest

from component.world import AWA, World
from figgosync.settings import Settings
from support.connect_proxy import connect_proxy, refusing

LOGIN = "proxy-user:proxy-pa:ss"


def place(url: str) -> str:
    return url.split("/")[2]


def behind(world: World, **environ: str) -> None:
    settings = Settings.from_environment(environ)
    world.proxy, world.bypass = settings.proxy, settings.bypass


@pytest.mark.parametrize("login", ["Basic", "NTLM"])
async def test_an_absence_goes_through_the_proxy_from_figgo_to_the_calendar(
    world: World, login: str
) -> None:
    async with connect_proxy(LOGIN) as proxy:
        behind(world, HTTPS_PROXY=proxy.url)
        world.create_tenant({"calendar.exchange.authentication": login})
        await world.start()
        period = world.book("2026-12-24")
        await world.shows("2026-12-24 Tentative Absent")
        world.state.approve(period)
        await world.shows("2026-12-24 OOF Absent")
        world.state.cancel(period)
        await world.shows()
        assert world.writes() == ["CreateItem", "UpdateItem", "DeleteItem"]
        assert set(proxy.targets) == {place(world.figgo.url), place(world.exchange.url)}
        for secret in (b"Absent", world.mail(AWA).encode(), b"lucca application", b"HTTP/1"):
            assert secret not in proxy.carried
        await world.stop()


@pytest.mark.parametrize("through", ["figgo", "exchange", "neither"])
async def test_a_host_of_no_proxy_is_reached_past_the_proxy(world: World, through: str) -> None:
    places = {"figgo": place(world.figgo.url), "exchange": place(world.exchange.url)}
    expected = {places.pop(through)} if through in places else set()
    async with connect_proxy() as proxy:
        behind(world, HTTPS_PROXY=proxy.url, NO_PROXY=",".join(places.values()))
        world.create_tenant()
        world.book("2026-12-24", confirmed=True)
        await world.start()
        await world.shows("2026-12-24 OOF Absent")
        assert set(proxy.targets) == expected
        await world.stop()


@pytest.mark.parametrize(
    ("behind_it", "condition"),
    [("figgo", "FiggoReady"), ("exchange", "CalendarReady")],
)
@pytest.mark.parametrize("status", [403, 407])
async def test_a_proxy_that_refuses_is_told_as_unreachable_and_blames_no_secret(
    world: World, behind_it: str, condition: str, status: int
) -> None:
    other = world.exchange.url if behind_it == "figgo" else world.figgo.url
    async with connect_proxy() as proxy:
        proxy.fault = refusing(status)
        behind(world, HTTPS_PROXY=proxy.url, NO_PROXY=place(other))
        world.create_tenant()
        world.book("2026-12-24", confirmed=True)
        await world.start()
        await world.turns(condition, "False", "Unreachable")
        assert "proxy of the installation (HTTPS_PROXY)" in world.cluster.message(condition)
        assert len(proxy.targets) < 5, "a refusal is not asked for again and again"
        assert world.calendar() == []
        await world.stop()
