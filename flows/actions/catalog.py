"""``ilime catalog``: the files written, one a line."""

import click

from flows.exit_status import DONE
from tasks.query.catalog.writing import write_catalog
from tasks.runs.run import open_run
from tasks.storage.storage import Storage

__all__ = ["catalog_run"]


def catalog_run(root: str, selector: str, out: str | None, *, force: bool) -> int:
    """Write the catalog of a run.

    Parameters
    ----------
    root
        Output that holds the run.
    selector
        Run id, its unique prefix, label, or ``latest``.
    out
        Folder for the files; None is the output.
    force
        Replace files that exist.

    Returns
    -------
    int
        Exit status, always 0.
    """
    run = open_run(root, selector)
    folder = run.storage if out is None else Storage(out)
    for name in write_catalog(run, folder, force=force):
        click.echo(f"wrote {folder.url}/{name}")
    return DONE
