"""``ilime status``."""

import click

from flows.commands.options import root_option, selector_argument

__all__ = ["command"]


@click.command(
    "status",
    short_help="Progress of a run, from its records.",
    epilog="""\b
Examples:
  ilime status --root demo-run/tables
  ilime status r0123 --root s3://explanations""",
)
@selector_argument
@root_option
def command(run: str, root: str) -> int:
    """How far RUN (an id, a unique prefix, a label, or latest) has come, stage by stage."""
    from flows.actions.listing import print_status

    return print_status(root, run)
