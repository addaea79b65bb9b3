"""``ilime verify``."""

import click

from flows.commands.options import root_option, selector_argument

__all__ = ["command"]


@click.command(
    "verify",
    short_help="Re-read a run against its digests; --repair drops what is damaged.",
    epilog="""\b
Examples:
  ilime verify --root demo-run/tables
  ilime verify r0123 --root s3://explanations
  ilime verify r0123 --root s3://explanations --repair""",
)
@selector_argument
@root_option
@click.option(
    "--repair",
    is_flag=True,
    help="Drop what is damaged and what was made from it; the next start computes it again. "
    "No other process may work on the run.",
)
def command(run: str, root: str, *, repair: bool) -> int:
    """Re-read the plan, records and parts of RUN against their digests: what is damaged, missing or stray."""
    from flows.actions.verify import verify

    return verify(root, run, repair=repair)
