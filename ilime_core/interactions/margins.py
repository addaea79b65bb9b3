"""Margins between two candidates of one query, split over segments."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from ilime_core.errors import InputError
from ilime_core.interactions.bilinear import check_pairs
from ilime_core.interactions.stack import EffectsStack

__all__ = ["Candidates", "Margins", "fit_margins"]


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Items of many queries: their stack and each query's place in it."""

    stack: EffectsStack
    index: Int[Tensor, " queries"]


@dataclass(frozen=True, slots=True, eq=False)
class Margins:
    """f(x, y) - f(x, y') of queries x, candidates y (right) and y' (wrong), split in two ways; zeros pad.

    Attributes
    ----------
    shared
        <a_i, h_y(1) - h_y'(1)>: contribution of segment i of the query to the margin, both candidates whole.
    right, wrong
        <g(1), b_j> of the words of y, and of y' negated, the query whole.
    shared_remainder
        Margin minus the sum of ``shared``: <g(1) - sum a_i, h_y(1) - h_y'(1)>. For complete effects
        (product_shapley) this is the margin with the query empty.
    candidates_remainder
        Margin minus the sums of ``right`` and ``wrong``. For complete effects this is the margin between the
        empty candidates, zero where those embed alike.
    """

    n_shared: Int[Tensor, " queries"]
    n_right: Int[Tensor, " queries"]
    n_wrong: Int[Tensor, " queries"]
    margin: Float[Tensor, " queries"]
    shared: Float[Tensor, "queries shared"]
    right: Float[Tensor, "queries right"]
    wrong: Float[Tensor, "queries wrong"]
    shared_remainder: Float[Tensor, " queries"]
    candidates_remainder: Float[Tensor, " queries"]

    @property
    def shared_remainder_exceeds(self) -> Bool[Tensor, " queries"]:
        """True if the query's segments leave more unexplained than the whole margin."""
        return self.shared_remainder.abs() > self.margin.abs()

    @property
    def candidates_remainder_exceeds(self) -> Bool[Tensor, " queries"]:
        """True if the candidates' segments leave more unexplained than the whole margin."""
        return self.candidates_remainder.abs() > self.margin.abs()


def fit_margins(
    queries: Candidates, right: Candidates, wrong: Candidates, *, queries_per_chunk: int = 256
) -> Margins:
    """Split margins over the segments of the query, and over those of both candidates.

    Parameters
    ----------
    queries
        The shared items and their places; images or texts alike.
    right, wrong
        One candidate of either kind per query, in stacks that may be the same.
    queries_per_chunk
        Queries worked on at once: each takes the effects of its three items. The result does not depend on
        it.

    Returns
    -------
    Margins
        One entry per query.

    Raises
    ------
    InputError
        If widths differ, an index points outside its stack, or the numbers of queries and candidates differ.
    """
    if not len(queries.index) == len(right.index) == len(wrong.index):
        raise InputError(
            f"got {len(queries.index)} queries, {len(right.index)} right and {len(wrong.index)} wrong "
            "candidates, one of each per query is needed"
        )
    for candidates in (right, wrong):
        check_pairs(queries.stack, candidates.stack, queries.index, candidates.index)
    whole = queries.stack.full[queries.index]
    ahead = right.stack.full[right.index] - wrong.stack.full[wrong.index]
    margin = (whole * ahead).sum(1)
    shared = _along(queries, ahead, queries_per_chunk)
    gained, lost = _along(right, whole, queries_per_chunk), -_along(wrong, whole, queries_per_chunk)
    return Margins(
        n_shared=queries.stack.counts[queries.index],
        n_right=right.stack.counts[right.index],
        n_wrong=wrong.stack.counts[wrong.index],
        margin=margin,
        shared=shared,
        right=gained,
        wrong=lost,
        shared_remainder=margin - shared.sum(1),
        candidates_remainder=margin - gained.sum(1) - lost.sum(1),
    )


def _along(
    items: Candidates, directions: Float[Tensor, "queries dim"], step: int
) -> Float[Tensor, "queries segments"]:
    """Effects of the indexed items along one direction each."""
    parts = [
        (items.stack.effects[items.index[at : at + step]] @ directions[at : at + step, :, None])[:, :, 0]
        for at in range(0, max(1, len(directions)), step)
    ]
    return torch.cat(parts)
