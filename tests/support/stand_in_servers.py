"""Stand-ins for the three servers, which start in a tenth of a second and misbehave on request.

They check what the tests of the package need: that etcd is there before the API server, and who
is told to stop when. What the real ones do is tested with the real ones, in tests/e2e.
"""

import sys
from pathlib import Path

from figgosync_controlplane.binaries import Binaries

_SCRIPT = """#!{python} -IS
import http.server, os, signal, socket, ssl, sys, time
from pathlib import Path

name = Path(sys.argv[0]).name
here = Path(sys.argv[0]).parent
flags = dict(flag.lstrip("-").partition("=")[::2] for flag in sys.argv[1:])

def stop(*_):
    with (here / "stopped").open("a") as stopped:
        stopped.write(f"{{name}}\\n")
    if not (here / f"{{name}}.deaf").exists():
        os._exit(0)


signal.signal(signal.SIGTERM, stop)
print(name, "starts", flush=True)
with (here / "pids").open("a") as pids:
    pids.write(f"{{name}} {{os.getpid()}}\\n")
if (here / f"{{name}}.dies").exists():
    print("cannot go on", file=sys.stderr)
    sys.exit(3)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        ready = self.path == "/readyz" and not (here / f"{{name}}.unready").exists()
        self.send_response(200 if ready else 500)
        self.end_headers()

    def log_message(self, *_):
        pass


if name == "etcd":
    listening = socket.socket(socket.AF_UNIX)
    listening.bind("etcd.sock")
    listening.listen()
if name == "kube-apiserver" and not (here / f"{{name}}.mute").exists():
    socket.socket(socket.AF_UNIX).connect("etcd.sock")

    class Server(http.server.ThreadingHTTPServer):
        def server_bind(self):
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            super().server_bind()

    server = Server(("127.0.0.1", int(flags["secure-port"])), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(flags["tls-cert-file"], flags["tls-private-key-file"])
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()
while True:
    time.sleep(60)
"""


class StandInServers:
    """Three executable scripts in `folder`; what they did stands in files beside them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.binaries = Binaries.in_folder(folder)
        for name in ("etcd", "kube-apiserver", "kube-controller-manager"):
            script = folder / name
            script.write_text(_SCRIPT.format(python=sys.executable))
            script.chmod(0o755)

    def misbehave(self, name: str, manner: str) -> None:
        """Have it, from its next start on, be what `manner` says.

        It `dies` at once; is `mute` (never listens), `unready` (says so) or `deaf` to SIGTERM.
        """
        (self.folder / f"{name}.{manner}").touch()

    def stopped(self) -> list[str]:
        """Return who was told to stop, in that order."""
        file = self.folder / "stopped"
        return file.read_text().split() if file.exists() else []

    def pids(self) -> dict[str, int]:
        """Return the process ids of those that now heed SIGTERM, in the order of their start."""
        file = self.folder / "pids"
        lines = file.read_text().splitlines() if file.exists() else []
        return {name: int(pid) for name, pid in (line.split() for line in lines)}
