"""``ilime export``: the files written, one a line."""

from collections.abc import Sequence
from dataclasses import dataclass

import click

from flows.exit_status import DONE
from tasks.query.database import Database
from tasks.query.exports.csv_files import export_csv
from tasks.query.exports.files import export_place
from tasks.query.exports.hugging_face import export_dataset
from tasks.query.exports.samples import export_samples
from tasks.runs.run import open_run

__all__ = ["ExportedRun", "write_csv", "write_dataset", "write_samples"]


@dataclass(frozen=True, slots=True)
class ExportedRun:
    """Run that is exported, and where to."""

    root: str
    """Output that holds the run."""
    run: str
    """Run id, its unique prefix, label, or ``latest``."""
    place: str
    """Folder or file that is written."""
    force: bool
    """Whether files that exist are replaced."""


def write_csv(exported: ExportedRun, only: Sequence[str]) -> int:
    """Write a CSV file for each table and view.

    Parameters
    ----------
    exported
        Run, and where to.
    only
        Tables and views that are wanted; none for all.

    Returns
    -------
    int
        Exit status, always 0.
    """
    folder = export_place(exported.place)
    with Database(open_run(exported.root, exported.run)) as database:
        for path in export_csv(database, folder, only, force=exported.force):
            click.echo(f"wrote {path}")
    return DONE


def write_dataset(exported: ExportedRun, only: Sequence[str], licence: str) -> int:
    """Write a dataset of Hugging Face.

    Parameters
    ----------
    exported
        Run, and where to.
    only
        Tables and views that are wanted; none for all.
    licence
        Licence of the card.

    Returns
    -------
    int
        Exit status, always 0.
    """
    folder = export_place(exported.place)
    with Database(open_run(exported.root, exported.run)) as database:
        for path in export_dataset(database, folder, only, licence, force=exported.force):
            click.echo(f"wrote {path}")
    return DONE


def write_samples(exported: ExportedRun) -> int:
    """Write the images with boxes, captions and strongest words.

    Parameters
    ----------
    exported
        Run, and where to.

    Returns
    -------
    int
        Exit status, always 0.
    """
    path = export_place(exported.place)
    with Database(open_run(exported.root, exported.run)) as database:
        n_images = export_samples(database, path, force=exported.force)
    click.echo(f"wrote {path} ({n_images:,} images)")
    return DONE
