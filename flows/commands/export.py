"""``ilime export`` with one command for each form."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from flows.commands.options import root_option

__all__ = ["command"]

F = TypeVar("F", bound=Callable[..., Any])

_only = click.option(
    "--only", multiple=True, metavar="NAME", help="This table or view; may be given again. All without it."
)


def _of_run(function: F) -> F:
    """Options that say which run, and whether files are replaced."""
    for decorate in (
        click.option("--force", is_flag=True, help="Replace files that exist."),
        click.option(
            "--run", default="latest", show_default=True, metavar="RUN", help="Run id, its prefix, or label."
        ),
        root_option,
    ):
        function = decorate(function)
    return function


@click.group(
    "export",
    short_help="Copy a run's tables for other programs.",
    epilog="""\b
Examples:
  ilime export csv sheets --root demo-run/tables --only matches --only trust
  ilime export hf dataset --root demo-run/tables --license cc-by-4.0
  ilime export samples images.parquet --root demo-run/tables

Rows are written as they are read. Nothing is replaced without --force, and nothing is written elsewhere.""",
)
def command() -> None:
    """Copy the tables and views of a finished run."""


@command.command(
    "csv",
    short_help="A CSV file for each table and view.",
    epilog="""\b
Examples:
  ilime export csv sheets --root demo-run/tables
  ilime export csv sheets --root s3://results/flickr --run r0123 --only word_effects

Lists are JSON, bytes base64, NULL is nothing. A text that begins with = + - @, a tab or a carriage return
gets an apostrophe before it, because spreadsheets run such captions as formulas; `ilime query --format csv`
and Parquet have texts as they are.""",
)
@click.argument("folder")
@_only
@_of_run
def csv(folder: str, only: tuple[str, ...], root: str, run: str, force: bool) -> int:
    """Write FOLDER with a CSV file for each table and view."""
    from flows.actions.export import ExportedRun, write_csv

    return write_csv(ExportedRun(root, run, folder, force), only)


@command.command(
    "hf",
    short_help="A dataset of Hugging Face, ready to load or upload.",
    epilog="""\b
Examples:
  ilime export hf dataset --root demo-run/tables
  ilime export hf dataset --root demo-run/tables --only matches --license cc-by-4.0

In Python then: datasets.load_dataset("dataset", "matches"). Images are not copied.""",
)
@click.argument("folder")
@click.option(
    "--license",
    "licence",
    default="unknown",
    show_default=True,
    metavar="NAME",
    help="Licence of the card; captions have that of their corpus.",
)
@_only
@_of_run
def hf(  # noqa: PLR0917 - click passes every option by name
    folder: str, licence: str, only: tuple[str, ...], root: str, run: str, force: bool
) -> int:
    """Write FOLDER with a Parquet file for each table and view, and a README.md that configures them."""
    from flows.actions.export import ExportedRun, write_dataset

    return write_dataset(ExportedRun(root, run, folder, force), only, licence)


@command.command(
    "samples",
    short_help="A row for each image: boxes, captions, strongest words.",
    epilog="""\b
Examples:
  ilime export samples images.parquet --root demo-run/tables
  ilime export samples images.json --root demo-run/tables --run r0123

The columns, and how FiftyOne and Spotlight open them: docs/query.md.""",
)
@click.argument("file")
@_of_run
def samples(file: str, root: str, run: str, force: bool) -> int:
    """Write FILE, .parquet or .json, with a row for each image of the explained pairs."""
    from flows.actions.export import ExportedRun, write_samples

    return write_samples(ExportedRun(root, run, file, force))
