"""A Secret is read when there is a cause, and never shown."""

from datetime import timedelta

import pytest

from figgosync.errors import PermanentError, Reason, TransientError
from figgosync.sync.credentials import QUICK_PACE, SLOW_PACE, Credentials, SecretWatch
from support.memory_cluster import NAMESPACE, MemoryCluster
from syncing import NOW

SECRET = "acme-exchange"
TICK = timedelta(milliseconds=1)


@pytest.fixture
def cluster() -> MemoryCluster:
    cluster = MemoryCluster()
    cluster.put_secret(SECRET, accountLogin="me", accountPass="pw1")
    return cluster


@pytest.fixture
def watch(cluster: MemoryCluster) -> SecretWatch:
    return SecretWatch(cluster, NAMESPACE, SECRET, "accountLogin", "accountPass")


async def test_the_first_look_brings_the_credentials_in_order(watch: SecretWatch) -> None:
    assert await watch.changed(NOW, refused=False)
    assert watch.current == Credentials(("me", "pw1"))


async def test_credentials_never_show_themselves(watch: SecretWatch) -> None:
    await watch.changed(NOW, refused=False)
    assert "pw1" not in f"{watch.current!r} {watch.current}"


@pytest.mark.parametrize(("refused", "pace"), [(False, SLOW_PACE), (True, QUICK_PACE)])
async def test_it_is_read_again_at_a_pace_that_depends(
    cluster: MemoryCluster, watch: SecretWatch, *, refused: bool, pace: timedelta
) -> None:
    await watch.changed(NOW, refused=False)
    assert not await watch.changed(NOW + pace - TICK, refused=refused)
    assert cluster.reads[SECRET] == 1
    assert not await watch.changed(NOW + pace, refused=refused)
    assert cluster.reads[SECRET] == 2


async def test_a_change_is_seen(cluster: MemoryCluster, watch: SecretWatch) -> None:
    await watch.changed(NOW, refused=False)
    cluster.put_secret(SECRET, accountLogin="me", accountPass="pw2")
    assert await watch.changed(NOW + SLOW_PACE, refused=False)
    assert watch.current == Credentials(("me", "pw2"))


async def test_a_change_of_other_keys_is_none(cluster: MemoryCluster, watch: SecretWatch) -> None:
    await watch.changed(NOW, refused=False)
    cluster.put_secret(SECRET, accountLogin="me", accountPass="pw1", note="rotated")
    assert not await watch.changed(NOW + SLOW_PACE, refused=False)


async def test_a_secret_that_is_gone_leaves_no_credentials(
    cluster: MemoryCluster, watch: SecretWatch
) -> None:
    await watch.changed(NOW, refused=False)
    cluster.remove_secret(SECRET)
    with pytest.raises(PermanentError) as caught:
        await watch.changed(NOW + SLOW_PACE, refused=False)
    assert caught.value.reason is Reason.SECRET_NOT_FOUND
    assert watch.current is None
    cluster.put_secret(SECRET, accountLogin="me", accountPass="pw1")
    assert await watch.changed(NOW + SLOW_PACE + QUICK_PACE, refused=False)


async def test_a_key_that_is_missing_is_named(cluster: MemoryCluster, watch: SecretWatch) -> None:
    cluster.put_secret(SECRET, accountLogin="me")
    with pytest.raises(PermanentError, match="accountPass") as caught:
        await watch.changed(NOW, refused=False)
    assert caught.value.reason is Reason.SECRET_KEY_MISSING


async def test_trouble_with_the_api_server_leaves_what_is_known_in_force(
    cluster: MemoryCluster, watch: SecretWatch
) -> None:
    await watch.changed(NOW, refused=False)
    cluster.trouble = TransientError(Reason.UNREACHABLE, "Away.")
    with pytest.raises(TransientError):
        await watch.changed(NOW + SLOW_PACE, refused=False)
    assert watch.current == Credentials(("me", "pw1"))


async def test_it_can_be_hurried(cluster: MemoryCluster, watch: SecretWatch) -> None:
    await watch.changed(NOW, refused=False)
    watch.read_soon()
    await watch.changed(NOW, refused=False)
    assert cluster.reads[SECRET] == 2
