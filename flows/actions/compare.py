"""``ilime compare``: two models beside each other."""

import click

from flows.exit_status import DONE
from tasks.model_comparison.compare import compare_runs
from tasks.model_comparison.lines import comparison_json, comparison_lines
from tasks.model_comparison.stored import store_comparison
from tasks.runs.run import open_run

__all__ = ["print_model_comparison"]


def print_model_comparison(
    a: tuple[str, str], b: tuple[str, str], estimator: str, out: str | None, form: str
) -> int:
    """Print the comparison of two runs, and write its rows where an output is given.

    Parameters
    ----------
    a, b
        Output and selector of each run.
    estimator
        Whose explanations are compared; empty: the first one of A.
    out
        Folder or URL; None writes nothing.
    form
        ``text`` or ``json``.

    Returns
    -------
    int
        Exit status, always 0.

    Raises
    ------
    InputError
        If a run is not to be found or not finished, or the two have nothing in common.
    """
    found = compare_runs(open_run(*a), open_run(*b), estimator)
    place = None if out is None else store_comparison(found, out)
    if form == "json":
        click.echo(comparison_json(found))
    else:
        for line in comparison_lines(found):
            click.echo(line)
    if place is not None:
        click.echo(f"wrote {place}", err=form == "json")
    return DONE
