"""``ilime diff``."""

import click

from flows.commands.options import root_option

__all__ = ["command"]


@click.command(
    "diff",
    short_help="Whether two runs are the same, and where they differ.",
    epilog="""\b
Examples:
  ilime diff r0123 r4567 --root demo-run/tables
  ilime diff latest latest --root one --root-b two""",
)
@click.argument("a")
@click.argument("b")
@root_option
@click.option("--root-b", metavar="ROOT", help="Output that holds B, where it is another one.")
def command(a: str, b: str, root: str, root_b: str | None) -> int:
    """Compare runs A and B: exit status 0 when they are the same, 1 when they differ.

    Keys, masks, segments and counts must be equal, numbers within the stated tolerances.
    """
    from flows.actions.listing import print_difference

    return print_difference(root, a, root_b or root, b)
