"""``ilime init``."""

import click

__all__ = ["command"]


@click.command(
    "init",
    short_help="Write a commented spec for a corpus and a model.",
    epilog="""\b
Examples:
  ilime init --images photos/ --model conse                      a folder with captions.csv
  ilime init --images coco/ --annotations dataset_coco.json --model open_clip:ViT-B-32:laion2b_s34b_b79k
  ilime init --images 's3://data/{00000..00009}.tar' --model transformers:google/siglip-base-patch16-224""",
)
@click.option("--images", required=True, metavar="URL", help="Folder, or shards, that hold the images.")
@click.option("--annotations", default="", metavar="URL", help="Annotation file, where the layout has one.")
@click.option(
    "--corpus-format", metavar="FORMAT", help="Layout; guessed from names and first bytes if absent."
)
@click.option(
    "--model",
    "model_text",
    default="conse",
    show_default=True,
    metavar="MODEL",
    help="conse, scenes, open_clip:ARCHITECTURE:TAG, transformers:ID or plugin:PACKAGE:FUNCTION.",
)
@click.option(
    "--output", default="", show_default="explanations beside FILE", metavar="URL", help="Where tables go."
)
@click.option("--out", default="spec.yaml", show_default=True, metavar="FILE", help="The spec to write.")
@click.option("--force", is_flag=True, help="Overwrite FILE.")
def command(  # noqa: PLR0917 - click passes every option by name
    images: str,
    annotations: str,
    corpus_format: str | None,
    model_text: str,
    output: str,
    out: str,
    force: bool,
) -> int:
    """Write a spec with the fields that people change, each with its meaning; all others keep their defaults.

    The layout of the corpus is guessed from what lies there. Nothing is listed beyond file names.
    """
    from flows.actions.init import Wanted, write_spec

    return write_spec(Wanted(images, annotations, corpus_format, model_text, output), out, force=force)
