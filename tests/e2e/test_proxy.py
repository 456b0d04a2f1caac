"""An operator behind a proxy, as a process: the API server is never sought through it."""

from pathlib import Path

from figgosync_controlplane.plane import ControlPlane
from figgosync_demo.installation import OperatorProcess, let_read_secrets
from figgosync_demo.manifests import operator_settings
from figgosync_sim.stage import Stage
from support.world import AWA, World


def test_a_proxy_that_leads_nowhere_does_not_come_between_the_operator_and_the_cluster(
    installation: ControlPlane, namespace: str, tmp_path: Path
) -> None:
    """Figgo and Exchange are `localhost` and excepted; the API server is 127.0.0.1 and is not."""
    let_read_secrets(installation, namespace)
    nowhere = dict.fromkeys(
        ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY"),
        "http://sync:s3cret@127.0.0.1:1",
    )
    log = tmp_path / "operator.log"
    with Stage(tmp_path, requests_per_minute=None) as stage:
        environ = operator_settings(stage) | nowhere | {"NO_PROXY": "localhost", "no_proxy": ""}
        with OperatorProcess(installation, log, environ) as operator:
            world = World(installation, stage, operator, namespace)
            world.book(AWA, confirmed=True)
            world.ready_tenant()
            world.shows(AWA, (0, 0, "OOF"))
    assert "s3cret" not in log.read_text()
