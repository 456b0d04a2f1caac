"""Reading Secrets, as the operator's own ServiceAccount; the remedies really help."""

import base64
from collections.abc import Mapping
from datetime import timedelta

import pytest

from figgosync.errors import PermanentError, Reason
from figgosync.kube.client import KubeClient
from figgosync.kube.names import CREDENTIALS_LABEL
from support.cluster import Cluster


def _create_secret(cluster: Cluster, data: Mapping[str, bytes], label: str | None = "true") -> None:
    labels = {} if label is None else {CREDENTIALS_LABEL: label}
    encoded = {key: base64.b64encode(value).decode() for key, value in data.items()}
    cluster.create(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "acme-figgo", "labels": labels},
            "data": encoded,
        }
    )


@pytest.mark.usefixtures("tenant_namespace")
async def test_a_labelled_secret_is_read_as_text(client: KubeClient, cluster: Cluster) -> None:
    _create_secret(
        cluster,
        {"apiKey": "clé".encode(), "fromFile": b"line\r\n", "store": b"\xff\xfe", "empty": b""},
    )
    secret = await client.secret(cluster.namespace, "acme-figgo")
    assert secret.text("apiKey") == "clé"
    assert secret.text("fromFile") == "line"
    assert "clé" not in repr(secret)
    for key in ("store", "empty", "missing"):
        with pytest.raises(PermanentError, match=f"holds no text under the key {key}") as refused:
            secret.text(key)
        assert refused.value.reason is Reason.SECRET_KEY_MISSING


@pytest.mark.usefixtures("tenant_namespace")
async def test_a_changed_secret_has_another_version(client: KubeClient, cluster: Cluster) -> None:
    _create_secret(cluster, {"apiKey": b"old"})
    before = await client.secret(cluster.namespace, "acme-figgo")
    assert (await client.secret(cluster.namespace, "acme-figgo")).version == before.version
    cluster.kubectl("patch", "secret", "acme-figgo", "--patch", '{"stringData": {"apiKey": "new"}}')
    after = await client.secret(cluster.namespace, "acme-figgo")
    assert (after.text("apiKey"), after.version != before.version) == ("new", True)


@pytest.mark.usefixtures("tenant_namespace")
async def test_a_missing_secret_is_named(client: KubeClient, cluster: Cluster) -> None:
    with pytest.raises(PermanentError, match="Secret acme-figgo does not exist") as refused:
        await client.secret(cluster.namespace, "acme-figgo")
    assert refused.value.reason is Reason.SECRET_NOT_FOUND
    assert refused.value.retry_after == timedelta(minutes=1)


@pytest.mark.parametrize("label", [None, "false", "True"])
@pytest.mark.usefixtures("tenant_namespace")
async def test_a_secret_that_is_not_meant_for_us_is_not_used_and_the_command_helps(
    client: KubeClient, cluster: Cluster, label: str | None
) -> None:
    _create_secret(cluster, {"apiKey": b"key"}, label)
    with pytest.raises(PermanentError) as refused:
        await client.secret(cluster.namespace, "acme-figgo")
    assert refused.value.reason is Reason.SECRET_NOT_LABELLED
    _run_the_command_in(refused.value.message, cluster)
    assert (await client.secret(cluster.namespace, "acme-figgo")).text("apiKey") == "key"


async def test_in_a_namespace_without_the_role_the_command_helps(
    client: KubeClient, cluster: Cluster
) -> None:
    _create_secret(cluster, {"apiKey": b"key"})
    with pytest.raises(PermanentError) as refused:
        await client.secret(cluster.namespace, "acme-figgo")
    assert refused.value.reason is Reason.REQUEST_REFUSED
    _run_the_command_in(refused.value.message, cluster)
    assert (await client.secret(cluster.namespace, "acme-figgo")).text("apiKey") == "key"


def _run_the_command_in(message: str, cluster: Cluster) -> None:
    """Do what the message tells its reader to do."""
    (command,) = (part for part in message.split("`") if part.startswith("kubectl "))
    arguments = command.split()[1:]
    if "--overwrite" not in arguments and "label" in arguments:
        arguments.append("--overwrite")
    cluster.kubectl(*arguments)
