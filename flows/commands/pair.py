"""``ilime pair``."""

import click

from tasks.allocator import keep_freed_memory

__all__ = ["command"]


@click.command(
    "pair",
    short_help="Explain one image and one text at once, with a picture.",
    epilog="""\b
Examples:
  ilime pair cat.jpg "a tabby cat looking at the camera"
  ilime pair cat.jpg "a cat" --picture cat.png
  ilime pair cat.jpg "a cat" --model model.yaml     a file with the model: section of a spec""",
)
@click.argument("image", type=click.Path(dir_okay=False))
@click.argument("text")
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
@click.option("--masks", default=128, show_default=True, type=click.IntRange(min=2), help="Image masks.")
def command(image: str, text: str, model_spec: str, picture: str, masks: int) -> int:
    """Which regions of IMAGE answer which words of TEXT."""
    keep_freed_memory()  # before anything starts threads
    from flows.pair import explain_pair

    return explain_pair(image, text, model_spec, picture, masks)
