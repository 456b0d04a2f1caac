"""Why a pod does not run, in sentences that name what is wrong."""


class PodError(Exception):
    """The pod cannot be run as its Deployment says; the message says which part and why."""


class NotUnderstoodError(PodError):
    """The Deployment says something that would have to be ignored; the message names it."""


class PodDiedError(Exception):
    """The process ended by itself; the message holds the end of its log."""
