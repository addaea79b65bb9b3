"""Reliability of one pair's matrix, in lines under its matches."""

from collections.abc import Iterator, Mapping

import pyarrow.compute as pc

from tasks.figures.pair_picture import primary_estimator
from tasks.report.matches import Match
from tasks.runs import Run
from tasks.sides import side_words

__all__ = ["trust_lines"]

LOW_R2 = 0.25
"""Share of the joint variance below which the matrix says little of the model."""

FEW_MASKS = 3
"""Masks for each segment below which a fit follows their noise: the complement of a mask adds little."""

CLEAR_Z = 2.0
BY_CHANCE = 0.0455
"""Share of weights of 0 that exceed so many standard errors, by the normal law."""


def trust_lines(run: Run, pair_id: str, matches: list[Match], more_masks: str) -> list[str]:
    """R2 and clear cells of a pair, and a warning for each reason to doubt them.

    Parameters
    ----------
    matches
        All cells of the pair.
    more_masks
        What to raise for more masks, an option or fields of the spec.
    """
    mine = (pc.field("pair_id") == pair_id) & (pc.field("estimator") == primary_estimator(run))
    [fit] = run.table("fits", ["r2_cross", "r2_cross_held_out"], mine).to_pylist() or [{}]
    words = side_words(run)
    both = f"{words.left} and {words.right} do together"
    found = {name: fit.get(name) for name in ("r2_cross_held_out", "r2_cross")}
    known = [value for value in found.values() if value is not None]
    n_clear, n_sure = sum(map(_is_clear, matches)), sum(one.standard_error is not None for one in matches)
    lines = [_r2_line(found, both)]
    lines.append(
        f"{n_clear:,} of {len(matches):,} weights exceed {CLEAR_Z:g} standard errors, where noise alone lets "
        f"about {BY_CHANCE * n_sure:,.0f}"
        if n_sure
        else "standard errors of the weights are unknown"
    )
    if known and known[0] < LOW_R2:
        lines.append(
            f"warning: the matrix explains less than {LOW_R2:.0%} of what {both}, and says little of the "
            f"model; try more masks ({more_masks}) or fewer, larger segments"
        )
    lines += (
        f"warning: {few}: noise of the masks is in every weight; raise {more_masks}"
        for few in _few_masks(run, pair_id)
    )
    if n_sure and not n_clear:
        lines.append(
            f"warning: no weight exceeds {CLEAR_Z:g} standard errors: the order of the matches may be chance"
        )
    return lines


def _r2_line(found: Mapping[str, float | None], both: str) -> str:
    said = [
        f"{value:.0%} {where}"
        for value, where in zip(found.values(), ("on fresh masks", "in closed form"), strict=True)
        if value is not None
    ]
    if not said:
        return f"warning: R2 is unknown: too few masks, or none of them changes what {both}"
    return f"the matrix explains {' and '.join(said)} of what {both} (R2)"


def _is_clear(match: Match) -> bool:
    return match.standard_error is not None and abs(match.weight) > CLEAR_Z * match.standard_error


def _few_masks(run: Run, pair_id: str) -> Iterator[str]:
    """Items of a pair whose masks are few for their segments; all coalitions of an item are enough."""
    [pair] = run.table("pairs", ["left_id", "right_id"], pc.field("pair_id") == pair_id).to_pylist()
    words = side_words(run)
    for item_id, name in ((pair["left_id"], words.left), (pair["right_id"], words.right)):
        mine = (pc.field("item_id") == item_id) & (pc.field("estimator") == primary_estimator(run))
        views = run.table("views", ["n_segments"], pc.field("item_id") == item_id)["n_segments"].to_pylist()
        for row in run.table("anchors", ["n_masks", "sampled"], mine).to_pylist():
            if views and row["sampled"] and row["n_masks"] < FEW_MASKS * views[0]:
                yield f"{row['n_masks']} masks for the {views[0]} segments of the {name} are few"
