"""Margins between two candidates of one query, split over segments."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from ilime_core.effects.covariance import quadratic_form
from ilime_core.errors import InputError
from ilime_core.interactions.bilinear import check_pairs
from ilime_core.interactions.stack import EffectsStack
from ilime_core.records import LowRankCovariance

__all__ = ["Candidates", "MarginSide", "Margins", "fit_margins"]


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Items of many queries: their stack and each query's place in it."""

    stack: EffectsStack
    index: Int[Tensor, " queries"]


@dataclass(frozen=True, slots=True, eq=False)
class MarginSide:
    """Effects of one item of each query on the margin; zeros pad.

    Attributes
    ----------
    n_segments
        True number of segments.
    effects
        Contribution of each segment to the margin.
    standard_errors
        Of ``effects``, the whole embeddings of the other items being known exactly; NaN where unknown.
    """

    n_segments: Int[Tensor, " queries"]
    effects: Float[Tensor, "queries segments"]
    standard_errors: Float[Tensor, "queries segments"]


@dataclass(frozen=True, slots=True, eq=False)
class Margins:
    """f(x, y) - f(x, y') of queries x, candidates y (correct) and y' (wrong), split in two ways.

    Attributes
    ----------
    query
        <a_i, h_y(1) - h_y'(1)> of segment i of the query, both candidates whole.
    correct, wrong
        <g(1), b_j> of the segments of y, and of y' negated, the query whole.
    query_remainder
        Margin minus the sum of ``query``: <g(1) - sum a_i, h_y(1) - h_y'(1)>. For complete effects
        (product_shapley) this is the margin with the query empty.
    candidates_remainder
        Margin minus the sums of ``correct`` and ``wrong``. For complete effects this is the margin between
        the empty candidates, zero where those embed alike.
    """

    margin: Float[Tensor, " queries"]
    query: MarginSide
    correct: MarginSide
    wrong: MarginSide
    query_remainder: Float[Tensor, " queries"]
    candidates_remainder: Float[Tensor, " queries"]

    @property
    def query_remainder_exceeds(self) -> Bool[Tensor, " queries"]:
        """True if the query's segments leave more unexplained than the whole margin."""
        return self.query_remainder.abs() > self.margin.abs()

    @property
    def candidates_remainder_exceeds(self) -> Bool[Tensor, " queries"]:
        """True if the candidates' segments leave more unexplained than the whole margin."""
        return self.candidates_remainder.abs() > self.margin.abs()


def fit_margins(
    queries: Candidates, correct: Candidates, wrong: Candidates, *, queries_per_chunk: int = 256
) -> Margins:
    """Split margins over the segments of the query, and over those of both candidates.

    Parameters
    ----------
    queries
        The items that ask and their places; images or texts alike.
    correct, wrong
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
    if not len(queries.index) == len(correct.index) == len(wrong.index):
        raise InputError(
            f"got {len(queries.index)} queries, {len(correct.index)} correct and {len(wrong.index)} wrong "
            "candidates, one of each per query is needed"
        )
    for candidates in (correct, wrong):
        check_pairs(queries.stack, candidates.stack, queries.index, candidates.index)
    whole = queries.stack.full[queries.index]
    ahead = correct.stack.full[correct.index] - wrong.stack.full[wrong.index]
    margin = (whole * ahead).sum(1)
    query = _along(queries, ahead, queries_per_chunk)
    gained, lost = _along(correct, whole, queries_per_chunk), _along(wrong, -whole, queries_per_chunk)
    return Margins(
        margin=margin,
        query=query,
        correct=gained,
        wrong=lost,
        query_remainder=margin - query.effects.sum(1),
        candidates_remainder=margin - gained.effects.sum(1) - lost.effects.sum(1),
    )


def _along(items: Candidates, directions: Float[Tensor, "queries dim"], step: int) -> MarginSide:
    """Effects of the indexed items along one direction each."""
    stack = items.stack
    effects, variances = [], []
    for at in range(0, max(1, len(directions)), step):
        index, along = items.index[at : at + step], directions[at : at + step]
        effects.append((stack.effects[index] @ along[:, :, None])[:, :, 0])
        error = LowRankCovariance(stack.error.factors[index], stack.error.rest[index])
        variances.append(quadratic_form(error, along[:, None])[:, 0])
    scale = stack.error_scale[items.index]
    errors = (scale * torch.cat(variances)[:, None]).clamp_min(0).sqrt()
    known = stack.has_error[items.index, None]
    return MarginSide(stack.counts[items.index], torch.cat(effects), torch.where(known, errors, torch.nan))
