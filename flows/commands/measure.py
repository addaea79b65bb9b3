"""``ilime measure``."""

import click

from flows.commands.options import spec_options
from tasks.process.allocator import keep_freed_memory
from tasks.process.collector import pause_collector

__all__ = ["command"]


@click.command(
    "measure",
    short_help="Measure the faithfulness of an existing run.",
    epilog="""\b
Examples:
  ilime measure spec.yaml
  ilime measure spec.yaml --set faithfulness.sample=50 --set faithfulness.random_orders=99
  ilime measure spec.yaml --set 'faithfulness.baselines=[{image_baseline: blur}]'
  ilime measure spec.yaml --set 'faithfulness.metrics=[randomised_weights]'
  ilime measure spec.yaml --set faithfulness.sample=0 --set selection.methods=[counterfactual]""",
)
@spec_options
def command(spec: str, changes: tuple[str, ...], limit: int | None, allow_plugin: tuple[str, ...]) -> int:
    """Measure the explanations of SPEC's finished run with SPEC's faithfulness and selection sections.

    Any metric, on any of the run's pairs. It ends with a leaderboard of methods by metrics, which ilime
    report shows. Other parameters than before give further rows (another measure_id or selection_id); the
    same ones compute nothing.
    """
    keep_freed_memory()  # before anything starts threads
    pause_collector()  # execute resumes it
    from flows.spec_file import read_spec

    parameters = read_spec(spec, changes, limit, allow_plugin)
    from flows.engine.server_ahead import server_ahead

    with server_ahead(parameters.runner.name) as server:
        from flows.launch import launch_measure  # the server starts meanwhile

        return launch_measure(parameters, server)
