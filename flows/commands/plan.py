"""``ilime plan``."""

import click

from flows.commands.options import spec_options
from tasks.process.allocator import keep_freed_memory

__all__ = ["command"]


@click.command(
    "plan",
    short_help="What a run would cost: items, pairs, encodes, storage.",
    epilog="""\b
Examples:
  ilime plan spec.yaml
  ilime plan spec.yaml --calibrate                 times a few encodes and predicts the run
  ilime plan spec.yaml --set perturbation.max_image_masks=512""",
)
@spec_options
@click.option("--calibrate", is_flag=True, help="Load the model, time it, and predict the run by part.")
def command(
    spec: str, changes: tuple[str, ...], limit: int | None, allow_plugin: tuple[str, ...], calibrate: bool
) -> int:
    """Count items, pairs, encodes and storage of SPEC without loading the model; nothing is written."""
    keep_freed_memory()  # before anything starts threads
    from flows.spec_file import read_spec

    parameters = read_spec(spec, changes, limit, allow_plugin)
    from flows.actions.plan import print_plan

    return print_plan(parameters, calibrate=calibrate)
