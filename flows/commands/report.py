"""``ilime report``."""

import click

from flows.commands.options import log_option, root_option, selector_argument

__all__ = ["command"]


@click.command(
    "report",
    short_help="Write a run's report: pages for a browser, no server needed.",
    epilog="""\b
Examples:
  ilime report --root demo-run/tables --out report
  ilime report r0123 --root s3://explanations --out report
  ilime report after --root results --out report --comparisons compared    with a page of what changed""",
)
@selector_argument
@root_option
@log_option
@click.option(
    "--out", default="ilime-report", show_default=True, metavar="DIR|URL", help="Folder for the pages."
)
@click.option("--comparisons", default="", metavar="DIR|URL", help="What `ilime compare --out` has written.")
def command(run: str, root: str, out: str, comparisons: str) -> int:
    """Write the report of RUN: an overview, and every explained pair to be filtered and looked at."""
    from rich.console import Console

    from flows.actions.report import report_run

    click.echo(f"report: {report_run(root, run, out, Console(stderr=True), comparisons)}")
    return 0
