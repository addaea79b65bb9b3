"""``ilime show``."""

import click

from flows.commands.options import root_option, selector_argument

__all__ = ["command"]


@click.command(
    "show",
    short_help="Picture and strongest matches of pairs.",
    epilog="""\b
Examples:
  ilime show --root demo-run/tables                            the run at a glance
  ilime show latest p0a1b --root demo-run/tables               one pair, by a unique prefix
  ilime show --image chelsea.png --root demo-run/tables        all pairs of an image
  ilime show latest p0a1b --html --root demo-run/tables        and its page to point at
  ilime show --worst --root demo-run/tables                    the pair whose fit explains least""",
)
@selector_argument
@click.argument("pair", required=False)
@root_option
@click.option("--image", metavar="NAME", help="All pairs of the image with this name.")
@click.option("--worst", is_flag=True, help="The pair with the lowest R2 of the cross term.")
@click.option("--random", "any_pair", is_flag=True, help="Some pair.")
@click.option("--html", is_flag=True, help="Also write a page of each pair to point at, in one file.")
@click.option("--out", default="ilime-show", show_default=True, metavar="DIR", help="Folder for pictures.")
def command(  # noqa: PLR0917 - click passes every option by name
    run: str,
    pair: str | None,
    root: str,
    image: str | None,
    worst: bool,
    any_pair: bool,
    html: bool,
    out: str,
) -> int:
    """Show RUN at a glance, or draw pairs of it."""
    from flows.actions.show import PairChoice, show_run

    return show_run(root, run, PairChoice(pair, image, worst, any_pair, html), out)
