"""Settings that Prefect reads from the environment, changed for a time."""

import importlib
import os
import sys
import warnings
from collections.abc import Generator, Mapping
from contextlib import contextmanager, redirect_stderr, suppress
from io import StringIO

from pydantic import ValidationError

from ilime_core.errors import InputError

__all__ = ["prefect_settings"]

FOREIGN = ("PREFECT_PROFILE", "PREFECT_API_KEY", "PREFECT_SERVER_API_AUTH_STRING")
"""Variables that speak of another server."""


@contextmanager
def prefect_settings(updates: Mapping[str, str]) -> Generator[None]:
    """Change the environment and what Prefect has read of it; put both back.

    Raises
    ------
    InputError
        If Prefect refuses a variable, a profile or a file of settings: in one line.
    """
    changed = (*updates, *(FOREIGN if "PREFECT_API_URL" in updates else ()))
    before = {name: os.environ.pop(name, None) for name in changed}
    os.environ.update(updates)
    try:
        _read_settings()
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
        with suppress(InputError), warnings.catch_warnings(action="ignore"), redirect_stderr(StringIO()):
            _read_settings()  # the user's own, no longer needed


def _read_settings() -> None:
    told = StringIO()
    try:
        with redirect_stderr(told):
            _read()
    except Exception as error:
        said = _first_problem(error) if isinstance(error, ValidationError) else str(error)
        raise InputError(
            f"Prefect cannot read its settings ({type(error).__name__}: {' '.join(said.split())}): correct "
            "the variables PREFECT_..., prefect.toml here, or profiles.toml in PREFECT_HOME"
        ) from error
    sys.stderr.write(told.getvalue())


def _first_problem(error: ValidationError) -> str:
    """Error about a variable, by its name where that is known; never with its value."""
    first = error.errors(include_input=False, include_url=False)[0]
    field = ".".join(map(str, first["loc"]))
    ending = f"_{field.upper().replace('.', '_')}"
    named = [name for name in sorted(os.environ) if name.startswith("PREFECT_") and name.endswith(ending)]
    return f"{' or '.join(named) or field}: {first['msg']}"


def _read() -> None:
    if "prefect.context" not in sys.modules:
        importlib.import_module("prefect.flow_engine")  # reads the environment as it loads
        return
    from prefect import context  # noqa: PLC0415 - not before the environment stands
    from prefect.logging.configuration import setup_logging  # noqa: PLC0415 - as above

    # Without a present context profiles are looked up where the environment says, not where it said before.
    context.GLOBAL_SETTINGS_CONTEXT = None
    context.refresh_global_settings_context()
    setup_logging()
