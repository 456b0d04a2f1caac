"""What is said of a body that cannot be used: which field is wrong, and never what stands in it."""

from collections.abc import Sequence

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from figgosync.errors import PermanentError, Reason


def no_object(error: ValidationError) -> PermanentError:
    """Say that metadata are such as no API server gives."""
    field = _field("metadata", error.errors(include_input=False, include_url=False)[0])
    return PermanentError(
        Reason.INVALID_SPEC, f"This is no object of the API server: {field}.", tenant_wide=True
    )


def invalid_spec(error: ValidationError, remedy: str, without: str) -> PermanentError:
    """Say what is wrong with a spec.

    `remedy` is a sentence that says how it is put right. `without` completes "To do without it,
    ...": how a field goes that only a later release understands.
    """
    errors = error.errors(include_input=False, include_url=False)
    unknown = [each for each in errors if each["type"] == "extra_forbidden"]
    if unknown:
        return _unknown(unknown, without)
    first, *others = errors
    more = f" (and {len(others)} more)" if others else ""
    return PermanentError(
        Reason.INVALID_SPEC,
        f"The resource cannot be used: {_field('spec', first)}{more}. {remedy}",
        tenant_wide=True,
    )


def _unknown(errors: Sequence[ErrorDetails], without: str) -> PermanentError:
    fields = ", ".join(_path("spec", each) for each in errors)
    return PermanentError(
        Reason.INVALID_SPEC,
        f"This operator does not know {fields}: upgrade the operator. The resource is not served "
        "as if nothing stood there, because it could limit what is written or seen. To do without "
        f"it, {without}.",
        tenant_wide=True,
    )


def _field(root: str, error: ErrorDetails) -> str:
    """Name the field and what is wrong with it, without the value."""
    said = error["msg"].removeprefix("Value error, ")
    return f"{_path(root, error)}: {said}"


def _path(root: str, error: ErrorDetails) -> str:
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in error["loc"])
    return "".join((root, *steps))
