"""``ilime compare``."""

import click

from flows.commands.options import NearChoice, root_option

__all__ = ["command"]

FORMATS = ("text", "json")


@click.command(
    "compare",
    short_help="Two models, checkpoints or settings on the same items.",
    epilog="""\b
Examples:
  ilime compare r0123 r4567 --root demo-run/tables
  ilime compare old new --root s3://results --out s3://results/compared
  ilime compare latest latest --root before --root-b after --format json

A is what was before, B what is new: differences are B minus A. Two runs that should be the same are a matter
of ilime diff.""",
)
@click.argument("a")
@click.argument("b")
@root_option
@click.option("--root-b", metavar="ROOT", help="Output that holds B, where it is another one.")
@click.option(
    "--estimator", default="", metavar="NAME", help="Whose explanations; the first of A by default."
)
@click.option("--out", metavar="OUT", help="Folder or URL below which table comparisons is written.")
@click.option(
    "--format",
    "format_",
    default="text",
    show_default=True,
    type=NearChoice(FORMATS),
    help="Form of the summary.",
)
def command(  # noqa: PLR0917 - click passes every option by name
    a: str, b: str, root: str, root_b: str | None, estimator: str, out: str | None, format_: str
) -> int:
    """Compare the explanations and the retrieval of runs A and B on the items that both have.

    Prints how well their matrices W agree, what they retrieve, which words, classes and labels gained or
    lost weight, and which pairs changed rank.
    """
    from flows.actions.compare import print_model_comparison

    return print_model_comparison((root, a), (root_b or root, b), estimator, out, format_)
