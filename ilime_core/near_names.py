"""Suggestions for mistyped names."""

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["did_you_mean", "near_ids"]

_SHOWN = 3
_ALIKE = 0.75
"""Ids are digests: half of their digits agree by chance somewhere."""

_COMPARED = 10_000
"""Ids that are compared with a mistyped one: each takes some microseconds."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Suggest known names that resemble a mistyped one.

    Parameters
    ----------
    name
        Name as typed; case is ignored.
    known
        Names to choose from.

    Returns
    -------
    str
        ``; did you mean 'explain'?`` with at most three names; empty where none is near.
    """
    spelled = {one.casefold(): one for one in known}
    near = get_close_matches(name.casefold(), spelled, n=_SHOWN)
    return _question([spelled[one] for one in near])


def near_ids(prefix: str, ids: Iterable[str], shown: int) -> str:
    """Suggest ids whose beginning resembles a mistyped one.

    Parameters
    ----------
    prefix
        Beginning of an id as typed.
    ids
        Ids to choose from.
    shown
        Least number of characters of an id to print.

    Returns
    -------
    str
        As of :func:`did_you_mean`.
    """
    known = sorted(ids)
    if len(known) > _COMPARED:
        known = [one for one in known if one[:2] == prefix[:2]][:_COMPARED]
    starts = dict.fromkeys(one[: len(prefix)] for one in known)
    near = get_close_matches(prefix, starts, n=_SHOWN, cutoff=_ALIKE)
    return _question(
        [one[: max(shown, len(prefix))] for start in near for one in known if one.startswith(start)]
    )


def _question(near: list[str]) -> str:
    return f"; did you mean {' or '.join(map(repr, near[:_SHOWN]))}?" if near else ""
