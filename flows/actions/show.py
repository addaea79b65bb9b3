"""``ilime show``: a run at a glance, or pictures of pairs."""

from dataclasses import dataclass
from pathlib import Path

import click

from flows.console.inline_pictures import show_inline
from flows.console.printed_lines import print_lines
from flows.exit_status import DONE
from ilime_core.errors import InputError
from tasks.explorer.notebook import RunExplorer
from tasks.figures.canvas import png_bytes
from tasks.figures.pair_figure import pair_figure
from tasks.figures.pair_picture import read_pair
from tasks.figures.selection import selection_figures
from tasks.report.choice import choose_shown_pairs
from tasks.report.terminal import match_lines, overview_lines
from tasks.runs.run import open_run

__all__ = ["PairChoice", "show_run"]


@dataclass(frozen=True, slots=True)
class PairChoice:
    """Choice of the pairs to show."""

    pair: str | None = None
    """Unique prefix of a pair id."""
    image: str | None = None
    """Name of an image, for all its pairs."""
    worst: bool = False
    any_pair: bool = False
    html: bool = False
    """Whether each pair gets a page to point at beside its picture."""

    @property
    def any(self) -> bool:
        """True if any pair is asked for, and not only the run."""
        return bool(self.pair or self.image or self.worst or self.any_pair)


def show_run(root: str, selector: str, choice: PairChoice, out: str) -> int:
    """Print the summary of a run, or the matches of chosen pairs, each with a picture.

    Parameters
    ----------
    root
        Output that holds the run.
    selector
        Run id, its unique prefix, label, or ``latest``.
    choice
        Pairs to show; none prints the summary.
    out
        Folder of the pictures, made if absent.

    Returns
    -------
    int
        Exit status, always 0.
    """
    run = open_run(root, selector)
    if choice.html and not choice.any:
        raise InputError("--html writes the page of a pair: give PAIR, --image, --worst or --random with it")
    if not choice.any:
        print_lines(overview_lines(run))
        return DONE
    folder = Path(out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: cannot be written ({error.strerror}); choose another --out") from error
    for pair_id in choose_shown_pairs(
        run, pair=choice.pair, image=choice.image, worst=choice.worst, any_pair=choice.any_pair
    ):
        pair = read_pair(run, pair_id)
        print_lines(match_lines(pair))
        picture = folder / f"{pair_id[:13]}.png"
        drawn = pair_figure(pair)
        picture.write_bytes(drawn)
        show_inline(drawn)
        click.echo(f"picture: {picture}")
        if choice.html:
            page = picture.with_suffix(".html")
            page.write_text(RunExplorer(run).pair(pair_id).page(), encoding="utf-8")
            click.echo(f"page: {page}")
        for method, figure in selection_figures(run, pair_id).items():
            selected = folder / f"{pair_id[:13]}-{method}.png"
            selected.write_bytes(png_bytes(figure))
            click.echo(f"picture of {method}: {selected}")
    return DONE
