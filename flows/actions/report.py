"""Writing the explorer of a run, with progress."""

from pathlib import Path

from rich.console import Console

from flows.console.log_lines import LogLines
from flows.console.progress import RunProgress
from tasks.explorer.site import write_report
from tasks.runs.run import open_run

__all__ = ["report_run"]


def report_run(root: str, selector: str, folder: str | Path, console: Console, comparisons: str = "") -> str:
    """Write the pages of a run.

    Parameters
    ----------
    root
        Output that holds the run.
    selector
        Run id, its unique prefix, label, or ``latest``.
    folder
        Folder or URL of the pages.
    console
        Shows the progress.
    comparisons
        Folder or URL that ``ilime compare`` has written to; empty for none.

    Returns
    -------
    str
        Path or URL of the first page.
    """
    run = open_run(root, selector)
    with RunProgress(LogLines(console, run.run_id)) as progress:
        line = progress.stage("report", run.table("pairs", ["pair_id"]).num_rows, "pairs")
        done = 0

        def advance(written: int, _all: int) -> None:
            nonlocal done
            line.advance(written - done)
            done = written

        return write_report(run, folder, comparisons=comparisons, progress=advance)
