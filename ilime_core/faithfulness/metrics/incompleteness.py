"""Incompleteness: variance and strong rows that a linear surrogate leaves out, beside the bilinear one."""

import math
from collections.abc import Iterator

import numpy as np

from ilime_core.faithfulness.measured_pair import FitShares, MeasuredPair
from ilime_core.faithfulness.measurement import Control, FaithfulnessValue
from ilime_core.faithfulness.metric import Metric
from ilime_core.faithfulness.reported import SIZE, Group, Reported
from ilime_core.faithfulness.strong_rows import (
    MISSED_ROWS,
    missed_share,
    n_strongest,
    row_norms,
    strongest_rows,
)

__all__ = ["INCOMPLETENESS", "incompleteness"]


def incompleteness(pair: MeasuredPair) -> tuple[FaithfulnessValue, ...]:
    """Share of the variance, and of the strongest regions, that main effects leave out.

    ``incompleteness`` is var(cross) / var(f) of the linear surrogate, which says nothing of the joint part,
    and (1 - R2_cross) times that of the bilinear one. The two differ by R2_cross times the share: they tell
    in other units what R2_cross tells, and their difference is no further evidence. R2_cross is not cut to
    [0, 1]: it is an estimate, a W that is mostly noise does miss more than the linear surrogate does, and
    cutting would bias means over pairs.

    ``missed_rows`` is the share of the strongest rows of W that are not among the equally many left segments
    of strongest main effect; segments without any effect name nothing. By chance it is 1 - k/n for k rows of
    n, with the spread of the hypergeometric law. W misses none of its own rows; what W misses of them that
    was found again under other masks is the explanation's value of ``missed_rows``, measured by
    :func:`~ilime_core.faithfulness.metrics.stability.stability`.

    References
    ----------
    .. [1] B. Joukovsky, F. Sammani, N. Deligiannis, "Model-agnostic visual explanations via approximate
       bilinear models", ICIP 2023, doi:10.1109/ICIP49359.2023.10222440 (linear surrogates give incomplete
       explanations; these measures of it are ours).
    """
    return (*_shares(pair.shares), *_missed_rows(pair))


def _shares(shares: FitShares) -> Iterator[FaithfulnessValue]:
    cross, r2 = shares.share_cross, shares.r2_cross
    left_over = None if cross is None or r2 is None else cross * (1.0 - r2)
    for control, value in ((Control.EXPLANATION, left_over), (Control.MAIN_EFFECTS, cross)):
        yield FaithfulnessValue("incompleteness", "none", control, value)


def _missed_rows(pair: MeasuredPair) -> Iterator[FaithfulnessValue]:
    rows = row_norms(pair.explanation.interactions)
    n_rows, k = len(rows), n_strongest(len(rows))
    strong = strongest_rows(rows)
    missed = missed_share(strong, np.abs(pair.explanation.left_main))
    chance = spread = None
    if strong:
        chance = 1.0 - k / n_rows
        # Each of len(strong) rows is found with k/n, without replacement.
        variance = (k / n_rows) * chance * (n_rows - len(strong)) / max(n_rows - 1, 1) / len(strong)
        spread = math.sqrt(variance)
    yield FaithfulnessValue("missed_rows", "none", Control.MAIN_EFFECTS, missed)
    yield FaithfulnessValue("missed_rows", "none", Control.RANDOM, chance, spread=spread)


INCOMPLETENESS = Metric(
    make=incompleteness,
    what="what a linear surrogate cannot tell, and how much of it the bilinear one does",
    source="https://doi.org/10.1109/ICIP49359.2023.10222440",
    title="incompleteness",
    reports=(
        Reported(
            name="incompleteness",
            title="incompleteness",
            says="Share of the score's variance that {left} and {right} make only together and that the "
            "explanation leaves out. A linear one leaves out all of it; the two differ by "
            "R\N{SUPERSCRIPT TWO}, joint, times the joint share, so that nothing is tested here that is not "
            "tested there.",
            group=Group.FIDELITY,
            direction="lower",
            bounds=SIZE,
            controls=(Control.EXPLANATION, Control.MAIN_EFFECTS),
            is_tested=False,
            is_contest=False,  # the same as r2_cross in other units
        ),
        MISSED_ROWS,
    ),
)
