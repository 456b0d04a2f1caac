"""Types kubectl in the tenant's namespace before the user's eyes."""

import shlex
from collections.abc import Generator
from dataclasses import dataclass

from figgosync_controlplane.plane import ControlPlane
from figgosync_demo.manifests import NAMESPACE
from figgosync_demo.screen import Screen


@dataclass(frozen=True, slots=True)
class Terminal:
    """Shows each command and what it prints. A refusal is a KubectlError."""

    plane: ControlPlane
    screen: Screen

    def kubectl(self, *arguments: str) -> str:
        """Run it to its end, and return what it printed."""
        output = self.plane.kubectl(f"--namespace={NAMESPACE}", *arguments)
        self.screen.command(_typed(arguments), output)
        return output

    def apply(self, name: str, manifest: str) -> None:
        """Show the file NAME.yaml, and apply it."""
        self.screen.command(f"cat {name}.yaml", manifest.strip())
        output = self.plane.kubectl("apply", "-f", "-", stdin=manifest)
        self.screen.command(f"kubectl apply -f {name}.yaml", output)

    def watch(self, *arguments: str) -> Generator[str]:
        """Show each line as it comes, and hand it on; whoever has seen enough closes it."""
        self.screen.command(_typed(arguments), "")
        with self.plane.follow(f"--namespace={NAMESPACE}", *arguments) as lines:
            for line in lines:
                self.screen.output(line)
                yield line


def _typed(arguments: tuple[str, ...]) -> str:
    return f"kubectl -n {NAMESPACE} {shlex.join(arguments)}"
