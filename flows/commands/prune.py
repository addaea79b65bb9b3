"""``ilime prune``."""

import re
from datetime import timedelta

import click

__all__ = ["command"]

_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


class Age(click.ParamType[timedelta]):
    """``30d``, ``12h``, ``2w``."""

    name = "age"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Read an age."""
        found = re.fullmatch(r"(\d{1,5})([hdw])", str(value))
        if found is None:
            self.fail(f"{value!r} is no age; needed is a number and h, d or w, like 30d", param, ctx)
        return int(found[1]) * _UNITS[found[2]]


@click.command(
    "prune",
    short_help="Remove runs of an output, asking first.",
    epilog="""\b
Examples:
  ilime prune s3://explanations --keep 7                     the newest 7 of every label stay
  ilime prune tables --older-than 30d --keep 3 --yes         from a schedule
  ilime prune tables --run r0123 --unfinished""",
)
@click.argument("root")
@click.option("--keep", type=click.IntRange(min=0), metavar="N", help="Finished runs of a label that stay.")
@click.option("--older-than", type=Age(), metavar="AGE", help="Finished runs older than 30d, 12h, 2w go.")
@click.option("--run", "runs", multiple=True, metavar="ID", help="This run, or the one whose id begins so.")
@click.option("--unfinished", is_flag=True, help="Unfinished runs without a commit for a day.")
@click.option("--yes", is_flag=True, help="Remove without asking.")
@click.option("--force", is_flag=True, help="Also what may be at work, or what an unfinished run reads.")
def command(  # noqa: PLR0917 - click hands every option over by name
    root: str,
    keep: int | None,
    older_than: timedelta | None,
    runs: tuple[str, ...],
    unfinished: bool,
    yes: bool,
    force: bool,
) -> int:
    """List the runs below ROOT with their sizes, say which would go, ask, and remove those.

    Together --keep and --older-than remove what both name. What a killed removal has left goes always.
    Other runs lose nothing: a run holds all of its rows itself.
    """
    from flows.actions.prune import prune
    from tasks.runs.prune_choice import Choice

    return prune(root, Choice(keep, older_than, runs, unfinished), yes=yes, force=force)
