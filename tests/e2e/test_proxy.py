"""An operator behind a proxy, as installed: the API server is never sought through it."""

from pathlib import Path

from figgosync_controlplane.ports import spare_port
from figgosync_demo.installation import OperatorProcess, Release
from figgosync_demo.manifests import chart_values
from figgosync_sim.stage import Stage
from support.world import AWA, World

NOWHERE = "http://sync:s3cret@127.0.0.1:1"


def test_a_proxy_that_leads_nowhere_does_not_come_between_the_operator_and_the_cluster(
    installation: Release, namespace: str, tmp_path: Path
) -> None:
    """Figgo and Exchange are `localhost` and excepted; the API server is 127.0.0.1 and is not."""
    # A login does not belong into the value proxy.https: it comes as the README says, by extraEnv.
    others = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY")
    log = tmp_path / "operator.log"
    with Stage(tmp_path, requests_per_minute=None) as stage:
        installation.install(
            {
                **chart_values(stage, port=spare_port(), namespaces=[namespace]),
                "proxy": {"noProxy": ["localhost"]},
                "extraEnv": [{"name": name, "value": NOWHERE} for name in others],
            }
        )
        with OperatorProcess(installation, log) as operator:
            world = World(installation, stage, operator, namespace)
            world.book(AWA, confirmed=True)
            world.ready_tenant()
            world.shows(AWA, (0, 0, "OOF"))
    assert "s3cret" not in log.read_text()
