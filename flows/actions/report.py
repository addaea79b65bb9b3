"""Writing the static report of a run, with progress."""

from pathlib import Path

from rich.console import Console

from flows.console.log_lines import LogLines
from flows.console.progress import RunProgress
from tasks.report.site import write_report
from tasks.runs.run import open_run

__all__ = ["report_run"]


def report_run(root: str, selector: str, folder: Path, console: Console, limit: int = 200) -> Path:
    """Write the pages of a run.

    Parameters
    ----------
    root
        Output that holds the run.
    selector
        Run id, its unique prefix, label, or ``latest``.
    folder
        Folder of the pages.
    console
        Shows the progress.
    limit
        Most pairs with a page of their own.

    Returns
    -------
    Path
        The first page.
    """
    run = open_run(root, selector)
    with RunProgress(LogLines(console, run.run_id)) as progress:
        line = progress.stage("report", min(limit, run.table("pairs", ["pair_id"]).num_rows), "pages")
        return write_report(run, folder, limit=limit, progress=lambda _done, _all: line.advance())
