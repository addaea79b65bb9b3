"""``ilime report``."""

import click

from flows.commands.options import root_option, selector_argument

__all__ = ["command"]


@click.command(
    "report",
    short_help="Write a run's report: pages and pictures, no server needed.",
    epilog="""\b
Examples:
  ilime report --root demo-run/tables --out report
  ilime report r0123 --root s3://explanations --out report --limit 50""",
)
@selector_argument
@root_option
@click.option("--out", default="ilime-report", show_default=True, metavar="DIR", help="Folder for the pages.")
@click.option("--limit", default=200, show_default=True, type=click.IntRange(min=1), help="Pages of pairs.")
def command(run: str, root: str, out: str, limit: int) -> int:
    """Write the static report of RUN: an index and a page with pictures for each pair."""
    from pathlib import Path

    from rich.console import Console

    from flows.actions.report import report_run

    click.echo(f"report: {report_run(root, run, Path(out), Console(stderr=True), limit)}")
    return 0
