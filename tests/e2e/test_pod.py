"""A pod of a Deployment run here: what its container finds, with everything from a real server."""

import json
import os
import stat
import sys
import sysconfig
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from figgosync_controlplane.plane import ControlPlane
from figgosync_controlplane.ports import spare_port
from figgosync_kubelet.errors import NotUnderstoodError, PodDiedError, PodError
from figgosync_kubelet.pod import Pod
from figgosync_kubelet.sandbox import Image
from figgosync_kubelet.volumes import API_ACCESS_PATH
from support.eventually import eventually

SOON = timedelta(seconds=10)
# Tells what it sees, serves its probes, ends by SIGTERM with 7 and says so.
_CONTAINER = """
import http.server, json, os, pathlib, signal, socket, sys

def told(folder):
    walked = os.walk(folder, followlinks=True)
    paths = [pathlib.Path(where, name) for where, _, names in walked for name in names]
    return {
        str(path): [oct(path.stat().st_mode & 0o777), path.read_text()]
        for path in paths
        if ".." not in str(path)
    }

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        path = pathlib.Path(self.path)
        ready = self.path != "/readyz" or pathlib.Path("/scratch/ready").exists()
        self.send_response(200 if ready else 503)
        self.end_headers()
        self.wfile.write(path.read_bytes() if path.is_file() else b"ok" if ready else b"not yet")
    def log_message(self, *_):
        pass

def end(*_):
    print("told to end", flush=True)
    os._exit(7)

signal.signal(signal.SIGTERM, end)
server = http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler)
folders = sys.argv[1:]
print(json.dumps({
    "arguments": folders,
    "environ": dict(os.environ),
    "files": {k: v for folder in folders for k, v in told(folder).items()},
    "hostname": socket.gethostname(),
    "folder": os.getcwd(),
    "scratch": os.listdir("/scratch"),
}), flush=True)
pathlib.Path("/scratch/ready").touch()
server.serve_forever()
"""


class Story:
    """A namespace with a Deployment whose container tells what it finds."""

    def __init__(self, plane: ControlPlane, namespace: str, folder: Path) -> None:
        self.plane = plane
        self.namespace = namespace
        self.port = spare_port()
        scripts = sysconfig.get_path("scripts")
        image = Image({"PATH": f"{scripts}:/usr/bin:/bin", "IMAGE": "yes"}, (Path(sys.prefix),))
        self.pod = Pod(plane, namespace, "teller", folder / "log", image)

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        return self.plane.kubectl(f"--namespace={self.namespace}", *arguments, stdin=stdin)

    def deploy(self, *, container: dict[str, Any] | None = None, **pod: object) -> None:
        probe = {"httpGet": {"path": "/readyz", "port": "http"}}
        told: dict[str, Any] = {
            "name": "teller",
            "image": "none",
            "command": ["python", "-c", _CONTAINER],
            "ports": [{"name": "http", "containerPort": self.port}],
            "readinessProbe": probe,
            "livenessProbe": {"httpGet": {"path": "/healthz", "port": "http"}},
            **(container or {}),
        }
        told["env"] = [{"name": "PORT", "value": str(self.port)}, *told.get("env", [])]
        scratch = {"name": "scratch", "mountPath": "/scratch"}
        told["volumeMounts"] = [scratch, *told.get("volumeMounts", [])]
        volumes = [{"name": "scratch", "emptyDir": {}}, *pod.pop("volumes", [])]  # type: ignore[call-overload]  # a list, as the callers give it
        labels = {"app": "teller"}
        spec = {"containers": [told], "volumes": volumes, **pod}
        body = {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "teller"},
            "spec": {
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": spec},
            },
        }
        self.kubectl("apply", "--filename=-", stdin=json.dumps(body))

    def told(self) -> dict[str, Any]:
        """Start the pod, wait until it is ready, and return what it tells."""
        self.pod.start()
        self.pod.wait_ready()
        found: dict[str, Any] = json.loads(self.pod.output().splitlines()[0])
        return found


@pytest.fixture
def story(bare_control_plane: ControlPlane, namespace: str, tmp_path: Path) -> Iterator[Story]:
    story = Story(bare_control_plane, namespace, tmp_path)
    yield story
    story.pod.stop()


def test_nothing_of_the_callers_environment_reaches_the_container(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", "/of/the/user")
    monkeypatch.setenv("FIGGOSYNC_LOG_LEVEL", "of-the-user")
    story.deploy(enableServiceLinks=False)
    told = story.told()
    environ = told["environ"]
    kubernetes = {name for name in environ if name.startswith("KUBERNETES_")}
    assert environ.keys() - kubernetes - {"LC_CTYPE"} == {"PATH", "IMAGE", "HOSTNAME", "PORT"}
    address = f"https://{environ['KUBERNETES_SERVICE_HOST']}:{environ['KUBERNETES_SERVICE_PORT']}"
    assert address == story.plane.url
    assert told["hostname"] == environ["HOSTNAME"]
    assert told["hostname"].startswith("teller-")
    assert told["folder"] == "/"


def test_another_command_runs_beside_it_and_sees_what_it_sees(story: Story) -> None:
    story.kubectl("create", "serviceaccount", "teller")
    story.deploy(serviceAccountName="teller")
    told = story.told()
    code = (
        "import os, socket, sys; from pathlib import Path\n"
        f"print(os.environ['PORT'], socket.gethostname(), os.getcwd(), sys.argv[1])\n"
        f"print(Path('{API_ACCESS_PATH}/namespace').read_text(), Path('/scratch/ready').exists())\n"
        "sys.exit('and its complaint')"
    )
    done = story.pod.run("python", "-c", code, "$(PORT)")
    assert done.returncode == 1
    assert done.stdout.split() == [
        *(str(story.port), told["hostname"], "/", "$(PORT)"),
        *(story.namespace, "True"),
    ]
    assert done.stderr == "and its complaint\n"
    assert "complaint" not in story.pod.output()
    with pytest.raises(PodError, match="no executable elsewhere"):
        story.pod.run("elsewhere")


def test_the_token_of_its_service_account_is_mounted_and_accepted(story: Story) -> None:
    story.kubectl("create", "serviceaccount", "teller")
    story.deploy(container={"args": [API_ACCESS_PATH]}, serviceAccountName="teller")
    files = story.told()["files"]
    assert files.keys() == {
        f"{API_ACCESS_PATH}/{name}" for name in ("token", "ca.crt", "namespace")
    }
    assert files[f"{API_ACCESS_PATH}/namespace"] == ["0o644", story.namespace]
    assert files[f"{API_ACCESS_PATH}/ca.crt"][1] == story.plane.ca_file.read_text()
    kubeconfig = story.plane.kubeconfig_for_token(files[f"{API_ACCESS_PATH}/token"][1])
    who = json.loads(story.plane.kubectl("auth", "whoami", "-ojson", kubeconfig=kubeconfig))
    user = who["status"]["userInfo"]["username"]
    assert user == f"system:serviceaccount:{story.namespace}:teller"


@pytest.mark.parametrize("who_says_no", ["the pod", "the ServiceAccount"])
def test_no_token_is_mounted_where_none_is_wanted(story: Story, who_says_no: str) -> None:
    account = {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": "teller"},
        "automountServiceAccountToken": who_says_no == "the pod",
    }
    story.kubectl("create", "--filename=-", stdin=json.dumps(account))
    more = {"automountServiceAccountToken": False} if who_says_no == "the pod" else {}
    story.deploy(container={"args": [API_ACCESS_PATH]}, serviceAccountName="teller", **more)
    assert story.told()["files"] == {}


def test_volumes_and_variables_are_what_the_objects_hold(story: Story) -> None:
    story.kubectl("create", "configmap", "site", "--from-literal=ca.crt=PEM", "--from-literal=b=2")
    story.kubectl("create", "secret", "generic", "login", "--from-literal=user=sync")
    story.deploy(
        container={
            "args": ["/etc/teller", "$(USER)$(NOBODY)"],
            "workingDir": "/scratch",
            "env": [
                {"name": "USER", "valueFrom": {"secretKeyRef": {"name": "login", "key": "user"}}},
                {"name": "GREETING", "value": "hello $(USER)"},
                {"name": "ME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.namespace"}}},
            ],
            "envFrom": [{"prefix": "SITE_", "configMapRef": {"name": "site"}}],
            "volumeMounts": [
                {"name": "site", "mountPath": "/etc/teller/site"},
                {"name": "login", "mountPath": "/etc/teller/one", "subPath": "user"},
            ],
        },
        volumes=[
            {
                "name": "site",
                "configMap": {
                    "name": "site",
                    "defaultMode": 0o440,
                    "items": [{"key": "ca.crt", "path": "ca/ca.crt", "mode": 0o400}],
                },
            },
            {"name": "login", "secret": {"secretName": "login"}},
        ],
    )
    told = story.told()
    assert told["files"] == {
        "/etc/teller/site/ca/ca.crt": ["0o400", "PEM"],
        "/etc/teller/one": ["0o644", "sync"],
    }
    assert told["arguments"] == ["/etc/teller", "sync$(NOBODY)"]
    assert told["folder"] == "/scratch"
    environ = told["environ"]
    assert environ["GREETING"] == "hello sync"
    assert environ["ME"] == story.namespace
    assert (environ["SITE_ca.crt"], environ["SITE_b"]) == ("PEM", "2")
    assert not Path("/etc/teller").exists()


@pytest.mark.parametrize("links", [True, False])
def test_services_are_told_of_unless_the_pod_wants_no_links(story: Story, *, links: bool) -> None:
    story.kubectl("create", "service", "clusterip", "mail", "--tcp=25:25")
    story.deploy(enableServiceLinks=links)
    environ = story.told()["environ"]
    assert ("MAIL_SERVICE_HOST" in environ) == links
    assert "KUBERNETES_SERVICE_HOST" in environ


def test_each_start_is_a_new_pod_with_empty_folders_and_what_the_objects_hold_now(
    story: Story,
) -> None:
    story.kubectl("create", "configmap", "site", "--from-literal=a=1")
    story.deploy(
        container={"args": ["/etc/teller"], "volumeMounts": [_mount("site", "/etc/teller")]},
        volumes=[{"name": "site", "configMap": {"name": "site"}}],
    )
    first = story.told()
    story.pod.kill()
    patch = '--patch={"data": {"a": "2"}}'
    story.kubectl("patch", "configmap/site", "--type=merge", patch)
    second = story.told()
    assert (first["files"]["/etc/teller/a"][1], second["files"]["/etc/teller/a"][1]) == ("1", "2")
    assert first["hostname"] != second["hostname"]
    assert second["scratch"] == []


def test_a_running_pod_sees_what_a_refresh_brings(story: Story) -> None:
    story.kubectl("create", "configmap", "site", "--from-literal=a=1")
    story.deploy(
        container={"volumeMounts": [_mount("site", "/etc/teller")]},
        volumes=[{"name": "site", "configMap": {"name": "site"}}],
    )
    story.told()
    token = story.pod.get(f"{API_ACCESS_PATH}/token")
    assert story.pod.get("/etc/teller/a") == (200, "1")
    story.kubectl("patch", "configmap/site", "--type=merge", '--patch={"data": {"a": "2"}}')
    story.pod.refresh()
    assert story.pod.get("/etc/teller/a") == (200, "2")
    assert story.pod.get(f"{API_ACCESS_PATH}/token") != token


def test_it_is_ready_when_its_probes_say_so_and_ends_in_order(story: Story) -> None:
    story.deploy()
    story.pod.start()
    assert story.pod.get("/readyz") == (0, story.pod.get("/readyz")[1]), "not even a port yet"
    story.pod.wait_ready()
    assert story.pod.get("/readyz") == (200, "ok")
    code, seconds = story.pod.stop()
    assert code == 7
    assert seconds < 5
    assert story.pod.output().endswith("told to end\n")
    assert story.pod.stop() == (0, 0.0)


def test_one_that_does_not_end_is_killed_after_the_grace_period_of_the_deployment(
    story: Story,
) -> None:
    deaf = _CONTAINER.replace("SIGTERM", "SIGUSR1") + "\n"
    deaf = deaf.replace(
        "signal.signal", "signal.signal(signal.SIGTERM, signal.SIG_IGN);signal.signal"
    )
    story.deploy(container={"command": ["python", "-c", deaf]}, terminationGracePeriodSeconds=1)
    story.told()
    code, seconds = story.pod.stop()
    assert code == -9
    assert 1 <= seconds < 5


def test_one_that_dies_is_told_with_its_exit_code_and_its_last_words(story: Story) -> None:
    story.deploy(container={"command": ["python", "-c", "raise SystemExit('no luck')"]})
    story.pod.start()
    with pytest.raises(PodDiedError, match="exit code 1\nno luck"):
        story.pod.wait_ready()
    story.pod.stop()


def test_one_that_never_gets_ready_is_an_error_with_the_probes_answer(story: Story) -> None:
    script = _CONTAINER.replace('pathlib.Path("/scratch/ready").touch()', "")
    story.deploy(container={"command": ["python", "-c", script]})
    story.pod.start()
    eventually(lambda: story.pod.get("/healthz")[0] == 200, within=SOON)
    with pytest.raises(TimeoutError, match=r"readiness probe .* after 0\.5 s: not yet"):
        story.pod.wait_ready(within=0.5)


_MISSING: dict[str, tuple[Callable[[Story], None], type[PodError], str]] = {
    "Deployment": (lambda _: None, PodError, "no Deployment teller"),
    "ServiceAccount": (
        lambda story: story.deploy(serviceAccountName="nobody"),
        PodError,
        "ServiceAccount nobody does not exist",
    ),
    "ConfigMap": (
        lambda story: story.deploy(volumes=[{"name": "x", "configMap": {"name": "gone"}}]),
        PodError,
        "ConfigMap gone does not exist",
    ),
    "program": (
        lambda story: story.deploy(container={"command": ["no-such-program"]}),
        PodError,
        "no executable no-such-program",
    ),
    "meaning": (lambda story: story.deploy(hostNetwork=True), NotUnderstoodError, "hostNetwork"),
}


@pytest.mark.parametrize("what", _MISSING)
def test_what_is_missing_is_named_and_nothing_is_started_or_left(
    story: Story, what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    deploy, kind, named = _MISSING[what]
    deploy(story)
    with pytest.raises(kind, match=named):
        story.pod.start()
    with pytest.raises(PodError, match="not started"):
        _ = story.pod.pid
    assert list(tmp_path.glob("figgosync-pod-*")) == []


def test_nothing_is_left_when_it_has_ended(
    story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    story.deploy()
    story.told()
    (folder,) = tmp_path.glob("figgosync-pod-*")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700, "it holds Secrets"
    story.pod.stop()
    assert not folder.exists()
    mounts = Path("/proc/self/mountinfo").read_text()
    assert os.fspath(folder) not in mounts


def _mount(volume: str, path: str) -> dict[str, str]:
    return {"name": volume, "mountPath": path}
