"""What the wiring decides: how fast a host may be asked, and which hosts may be asked at all."""

from datetime import UTC, datetime

import aiohttp
import pytest

from figgosync.core.tenant import FiggoSettings
from figgosync.errors import PermanentError, Reason
from figgosync.metrics import Metrics
from figgosync.settings import Settings
from figgosync.sync.source import Wish
from figgosync.wiring import Outside
from syncing import tenant

METRICS = Metrics("1", "default")


def _figgo() -> FiggoSettings:
    return tenant().spec.figgo


def _wish(requests_per_minute: int) -> Wish:
    return Wish(
        legal_entities=None,
        names=False,
        poll_interval=_figgo().poll_interval,
        requests_per_minute=requests_per_minute,
        watermark=None,
    )


async def test_two_keys_on_one_host_share_the_rate_of_the_most_cautious(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rates: list[int] = []
    monkeypatch.setattr(
        "figgosync.figgo.limits.TokenBucket.change_rate", lambda _, rate: rates.append(rate)
    )
    settings = Settings.from_environment({"FIGGOSYNC_FIGGO_HOSTS": _figgo().host})
    async with aiohttp.ClientSession() as session:
        outside = Outside(settings, session, lambda: datetime.now(UTC), METRICS)
        one = outside.figgo(_figgo(), "one", list)
        other = outside.figgo(_figgo(), "other", list)
    one.adjust([_wish(10)])
    other.adjust([_wish(40)])
    assert rates[-1] == 10
    one.adjust([])
    assert rates[-1] == 40


async def test_no_key_is_taken_for_a_host_that_the_installation_does_not_allow() -> None:
    settings = Settings.from_environment({"FIGGOSYNC_FIGGO_HOSTS": "elsewhere.example"})
    async with aiohttp.ClientSession() as session:
        outside = Outside(settings, session, lambda: datetime.now(UTC), METRICS)
        with pytest.raises(PermanentError, match="FIGGOSYNC_FIGGO_HOSTS") as refusal:
            outside.figgo(_figgo(), "key", list)
    assert refusal.value.reason is Reason.HOST_NOT_ALLOWED
