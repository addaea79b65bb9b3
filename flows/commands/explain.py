"""``ilime explain``."""

import click

from flows.commands.options import spec_options
from tasks.process.allocator import keep_freed_memory
from tasks.process.collector import pause_collector

__all__ = ["command"]


@click.command(
    "explain",
    short_help="Run a spec, or resume it.",
    epilog="""\b
Examples:
  ilime explain spec.yaml
  ilime explain spec.yaml --limit 100 --set runner.workers=1
  ilime explain spec.yaml --set output=/data/explanations --set seed=1
  ilime explain spec.yaml --retry-failed""",
)
@spec_options
@click.option(
    "--retry-failed", is_flag=True, help="Try again the items that failed, in a new run; the old one stays."
)
def command(
    spec: str, changes: tuple[str, ...], limit: int | None, allow_plugin: tuple[str, ...], retry_failed: bool
) -> int:
    """Explain the benchmark of SPEC: run it, or resume it where it stopped.

    R@k is printed first, a summary at the end. Starting a finished run again computes nothing.
    """
    keep_freed_memory()  # before anything starts threads
    pause_collector()  # execute resumes it
    from flows.spec_file import read_spec

    parameters = read_spec(spec, changes, limit, allow_plugin)
    from flows.engine.server_ahead import server_ahead

    with server_ahead(parameters.runner.name) as server:
        from flows.launch import launch_explain  # the server starts meanwhile

        return launch_explain(parameters, retry_failed=retry_failed, server=server)
