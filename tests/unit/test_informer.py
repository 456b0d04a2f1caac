"""The watch begins whatever the machine is like that the operator runs on."""

import asyncio
import getpass
import socket
from pathlib import Path

import pytest

from figgosync.controller.informer import Informer
from figgosync.kube.names import TENANT_PLURAL

_KUBECONFIG = """
apiVersion: v1
kind: Config
current-context: it
contexts: [{{name: it, context: {{cluster: it, user: it}}}}]
clusters: [{{name: it, cluster: {{server: "http://127.0.0.1:{port}"}}}}]
users: [{{name: it, user: {{token: a-token}}}}]
"""


class Nobody:
    """Hears of no object, as none is ever shown."""

    def seen(self, _body: object) -> None:
        raise AssertionError

    def gone(self, _body: object) -> None:
        raise AssertionError


async def test_a_user_without_a_name_can_watch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a container the user is a number that is in no file."""

    def unknown() -> str:
        raise KeyError("getpwuid(): uid not found: 65532")

    monkeypatch.setattr(getpass, "getuser", unknown)
    ended = asyncio.Event()
    with socket.create_server(("127.0.0.1", 0)) as api_server:
        api_server.settimeout(0)
        kubeconfig = tmp_path / "kubeconfig"
        kubeconfig.write_text(_KUBECONFIG.format(port=api_server.getsockname()[1]))
        monkeypatch.setenv("KUBECONFIG", str(kubeconfig))  # it is what kopf reads
        informer = Informer(
            {TENANT_PLURAL: Nobody()}, namespaces=["hr"], kubeconfig=kubeconfig, failed=ended.set
        )
        informer.start()
        asked = asyncio.create_task(asyncio.get_running_loop().sock_accept(api_server))
        gave_up = asyncio.create_task(ended.wait())
        try:
            done, waiting = await asyncio.wait(
                (asked, gave_up), timeout=20, return_when=asyncio.FIRST_COMPLETED
            )
            for task in waiting:
                task.cancel()
            assert done == {asked}
            asked.result()[0].close()
        finally:
            api_server.close()
            await informer.stop(within=20)
