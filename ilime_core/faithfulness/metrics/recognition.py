"""Pointing-game recognition of FIxLIP: share of a pair's mass that lies on what its words name."""

import numpy as np
from jaxtyping import Bool, Float

from ilime_core.faithfulness.measured_pair import MeasuredPair
from ilime_core.faithfulness.measurement import Control, FaithfulnessValue
from ilime_core.faithfulness.metric import Metric
from ilime_core.faithfulness.region_truth import RegionTruth
from ilime_core.faithfulness.reported import SHARE, Group, Reported

__all__ = ["RECOGNITION", "recognition"]

PARTLY = 0.05
"""A region counts if each part covers at most this share of it, or all but this share."""


def recognition(pair: MeasuredPair) -> tuple[FaithfulnessValue, ...]:
    """Judge all words of a pair at once: mass that is rightly placed, divided by all mass.

    Right is positive weight of a part's words inside the part and negative weight outside. Regions that a
    part covers partly, like patches across the border of two photographs, are left out. A part without words
    is shown and not named: its regions lie outside of every named part. In contrast to ``pgr`` of
    `ilime_core.faithfulness.metrics.localisation`, masses are added up over the words before they are
    divided, and a text that names one thing of several is judged, too.

    Parameters
    ----------
    pair
        With its truth.

    Returns
    -------
    tuple of FaithfulnessValue
        Mode ``k named`` for a text that names k parts; no values where no named part has regions inside and
        outside. None where the words have no weight.

    References
    ----------
    .. [1] Baniecki et al.: Explaining similarity in vision-language encoders with weighted Banzhaf
       interactions, NeurIPS 2025, arXiv 2508.05430 (pointing game recognition).
    """
    truth = pair.truth
    if truth is None or not truth.parts:
        return ()
    counted = ((truth.covered <= PARTLY) | (truth.covered >= 1 - PARTLY)).all(axis=1)
    inside = truth.covered[counted] >= 1 - PARTLY
    judged = [at for at in _named(truth) if inside[:, at].any() and not inside[:, at].all()]
    if not judged:
        return ()
    cells = pair.explanation.interactions[counted]
    words = [list(truth.parts[at].words) for at in judged]
    maps = np.stack([cells[:, own].sum(axis=1) for own in words], axis=1)
    linear = np.repeat(pair.explanation.left_main[counted, None], len(judged), axis=1)
    mode = f"{len(judged)} named"
    return tuple(
        FaithfulnessValue("recognition", mode, control, value)
        for control, value in (
            (Control.EXPLANATION, _right_share(maps, inside[:, judged])),
            (Control.MAIN_EFFECTS, _right_share(linear, inside[:, judged])),
            (Control.RANDOM, _chance(maps, inside[:, judged])),
        )
    )


def _named(truth: RegionTruth) -> list[int]:
    return [at for at, part in enumerate(truth.parts) if part.words]


def _right_share(
    weights: Float[np.ndarray, "regions parts"], inside: Bool[np.ndarray, "regions parts"]
) -> float | None:
    total = float(np.abs(weights).sum())
    right = weights[inside & (weights > 0)].sum() - weights[~inside & (weights < 0)].sum()
    return float(right) / total if total > 0 else None


def _chance(
    weights: Float[np.ndarray, "regions parts"], inside: Bool[np.ndarray, "regions parts"]
) -> float | None:
    """Mean over all permutations of the counted regions, which keep the mass."""
    total = float(np.abs(weights).sum())
    share = inside.mean(axis=0)
    positive = np.where(weights > 0, weights, 0.0).sum(axis=0)
    negative = positive - weights.sum(axis=0)
    return float(positive @ share + negative @ (1 - share)) / total if total > 0 else None


RECOGNITION = Metric(
    make=recognition,
    what="share of the words' weight that is rightly placed among all things that the image shows (PGR)",
    source="https://arxiv.org/abs/2508.05430",
    title="pointing-game recognition",
    settings=("truth",),
    needs_truth=True,
    reports=(
        Reported(
            name="recognition",
            title="recognition",
            says="Share of the absolute weight of all naming words that is rightly placed: positive on what "
            "the word names, negative on other things; regions across a border do not count. By how many "
            "things the text names.",
            group=Group.LOCALISATION,
            direction="higher",
            bounds=SHARE,
            controls=(Control.EXPLANATION, Control.MAIN_EFFECTS, Control.RANDOM),
            chance="Regions permuted, in closed form beside it.",
        ),
    ),
)
