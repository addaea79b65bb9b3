"""The spec of a command line, read before anything heavy is imported: a wrong one is said at once."""

import os
from collections.abc import Iterable
from pathlib import Path

from tasks.process.plugin_environment import PLUGIN_VARIABLE
from tasks.spec import ExplainParameters
from tasks.spec.reading import load_parameters

__all__ = ["read_spec"]


def read_spec(
    spec: str, changes: Iterable[str], limit: int | None, allow_plugin: Iterable[str]
) -> ExplainParameters:
    """Read a spec file with changes of the command line; its access to stores is in effect from here on.

    Parameters
    ----------
    spec
        Path of the file.
    changes
        ``a.b=c`` changes.
    limit
        Most items of the corpus; None for all.
    allow_plugin
        Packages that plugins may come from, beside those of the environment.

    Returns
    -------
    ExplainParameters
        The validated spec.
    """
    allowed = [name for name in (os.environ.get(PLUGIN_VARIABLE, ""), *allow_plugin) if name]
    if allowed:
        os.environ[PLUGIN_VARIABLE] = ",".join(allowed)
    limited = [] if limit is None else [f"corpus.limit={limit}"]
    return load_parameters(Path(spec), [*changes, *limited])
