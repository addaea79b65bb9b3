"""``ilime check``."""

import click

from flows.commands.options import spec_options
from tasks.process.allocator import keep_freed_memory

__all__ = ["command"]


@click.command(
    "check",
    short_help="Try a spec: its model, 32 items, its output.",
    epilog="""\b
Examples:
  ilime check spec.yaml
  ilime check spec.yaml --set model.device=cuda:1 --set model.precision=float32""",
)
@spec_options
def command(spec: str, changes: tuple[str, ...], limit: int | None, allow_plugin: tuple[str, ...]) -> int:
    """Load the model of SPEC and the first 32 items of its corpus, and hold them against what a run needs.

    Prints one line each: ok, warning, or wrong with what to do. Exit status 2 if anything is wrong. Nothing
    is written but a small probe file, which is removed.
    """
    keep_freed_memory()  # before anything starts threads
    from flows.spec_file import read_spec

    parameters = read_spec(spec, changes, limit, allow_plugin)
    from flows.actions.check import check_spec

    return check_spec(parameters)
