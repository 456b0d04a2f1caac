"""Which of the operators of a cluster a tenant belongs to."""

import re

DEFAULT_CLASS = "default"
"""That of an object that names none, and of an operator that is told none."""

LONGEST_CLASS = 40
"""In characters: names of roles are made of it, `figgosync-credentials-<class>`."""

CLASS_RULE = "must be a DNS label, lower case letters, digits and '-' only, such as default"

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")


def is_class(text: str) -> bool:
    """Tell whether an operator class may be called so."""
    return len(text) <= LONGEST_CLASS and _LABEL.fullmatch(text) is not None
