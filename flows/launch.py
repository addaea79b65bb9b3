"""What ``explain`` and ``measure`` share: the spec, the engine, the terminal and the exit status."""

import os
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console

from flows.command_line import BAD_INPUT, DONE, STOPPED, TOO_MANY_FAILED
from flows.execution import Execution, Outcome
from tasks.models import PLUGIN_VARIABLE
from tasks.parameters import ExplainParameters
from tasks.specification import load_parameters

__all__ = ["exit_status", "launch_explain", "launch_measure", "read_spec"]


def read_spec(
    spec: str, changes: Iterable[str], limit: int | None, allow_plugin: Iterable[str]
) -> ExplainParameters:
    """Parameters of a spec file with the changes of the command line."""
    allowed = [name for name in (os.environ.get(PLUGIN_VARIABLE, ""), *allow_plugin) if name]
    if allowed:
        os.environ[PLUGIN_VARIABLE] = ",".join(allowed)
    limited = [] if limit is None else [f"corpus.limit={limit}"]
    return load_parameters(Path(spec), [*changes, *limited])
