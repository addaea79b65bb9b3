"""``ilime verify``."""

import click

from flows.commands.options import root_option, selector_argument

__all__ = ["command"]


@click.command(
    "verify",
    short_help="Re-read every part of a run against its record.",
    epilog="""\b
Examples:
  ilime verify --root demo-run/tables
  ilime verify r0123 --root s3://explanations""",
)
@selector_argument
@root_option
def command(run: str, root: str) -> int:
    """Re-read every part of RUN against its record: flipped bytes, missing, truncated or stray parts."""
    from flows.listing import print_verification

    return print_verification(root, run)
