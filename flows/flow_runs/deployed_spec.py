"""The spec that a flow run was given, checked: Prefect keeps it and shows it to everyone."""

from collections.abc import Mapping

from ilime_core.errors import InputError
from tasks.spec import ExplainParameters
from tasks.spec.reading import validate_specification

__all__ = ["validated"]


def validated(spec: Mapping[str, object] | ExplainParameters) -> ExplainParameters:
    """Check what a flow run was given.

    Raises
    ------
    InputError
        One line: the field, what was got and what is needed.
    """
    tree = spec.model_dump(exclude_unset=True) if isinstance(spec, ExplainParameters) else dict(spec)
    if "storage" in tree:
        raise InputError(
            "spec: storage is no parameter of a flow, which everyone can read; AWS_ENDPOINT_URL and "
            "AWS_PROFILE in the worker's environment, or in env of the work pool's job variables, name "
            "endpoint and profile"
        )
    return validate_specification(tree).spec()
