"""What can go wrong with a measurement."""


class NotMeasuredError(Exception):
    """What was to be measured did not happen, so that no figure would mean anything."""
