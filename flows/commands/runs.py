"""``ilime runs``."""

import click

__all__ = ["command"]


@click.command(
    "runs",
    short_help="List the runs of an output.",
    epilog="""\b
Examples:
  ilime runs demo-run/tables
  ilime runs s3://explanations""",
)
@click.argument("root")
def command(root: str) -> int:
    """List the runs below ROOT, the newest first."""
    from flows.actions.listing import print_runs

    return print_runs(root)
