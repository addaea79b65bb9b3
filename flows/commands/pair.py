"""``ilime pair``."""

import click

from tasks.process.allocator import keep_freed_memory

__all__ = ["command"]


@click.command(
    "pair",
    short_help="Explain two items at once, with a picture.",
    epilog="""\b
Examples:
  ilime pair cat.jpg "a tabby cat looking at the camera"
  ilime pair cat.jpg "a cat" --picture cat.png
  ilime pair cat.jpg "a cat" --html cat.html        a page: point at a word, and its regions light up
  ilime pair cat.jpg kitten.jpg                     which regions of two photographs answer each other
  ilime pair --texts "a cat asleep" "a dozing kitten"
  ilime pair cat.jpg "a cat" --model model.yaml     a file with the model: section of a spec""",
)
@click.argument("left", metavar="IMAGE")
@click.argument("right", metavar="TEXT|IMAGE")
@click.option("--texts", is_flag=True, help="Both are texts.")
@click.option(
    "--model",
    "model_spec",
    metavar="NAME|FILE",
    default="conse",
    show_default=True,
    help="conse, scenes, open_clip:ARCHITECTURE:TAG, transformers:ID, or a YAML file with a model section.",
)
@click.option(
    "--picture", default="ilime-pair.png", show_default=True, metavar="PNG", help="Where the picture goes."
)
@click.option("--html", default="", metavar="FILE", help="Also write a page to point at, in one file.")
@click.option(
    "--masks",
    default=128,
    show_default=True,
    type=click.IntRange(min=2),
    help="Masks of an image, or of texts with --texts.",
)
def command(  # noqa: PLR0917 - click passes every option by name
    left: str, right: str, texts: bool, model_spec: str, picture: str, html: str, masks: int
) -> int:
    """Which regions of IMAGE answer which words of TEXT, or which regions of a second IMAGE.

    The second is an image where it names a file; with --texts both are texts.
    """
    keep_freed_memory()  # before anything starts threads
    from flows.actions.pair import AskedPair, show_pair

    return show_pair(AskedPair(left, right, texts), model_spec, picture, masks, html)
