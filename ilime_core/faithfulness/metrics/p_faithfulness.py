"""p-faithfulness: prediction of coalitions that the surrogate was not fitted with."""

import numpy as np
from jaxtyping import Float

from ilime_core.faithfulness.fresh_coalitions import FreshCoalitions, FreshGrid, surrogate_scores
from ilime_core.faithfulness.measured_pair import MeasuredPair
from ilime_core.faithfulness.measurement import Control, FaithfulnessValue
from ilime_core.faithfulness.metric import Metric
from ilime_core.faithfulness.reported import COSINE, R2, Group, Reported

__all__ = ["P_FAITHFULNESS", "agreement", "p_faithfulness"]

ROUNDING = 1e-7
"""Values that deviate by a smaller share of the largest one do not vary: float32 embeddings say no more."""

Grid = Float[np.ndarray, "left_masks right_masks"]

_CONTROLS = (Control.EXPLANATION, Control.INTERACTIONS, Control.MAIN_EFFECTS)


def p_faithfulness(pair: MeasuredPair) -> tuple[FaithfulnessValue, ...]:
    """Agreement of model and surrogate where every segment is kept with probability p.

    Mode ``score`` compares the scores f(S, T). Mode ``joint`` compares what is left of both after rows and
    columns are centred on the fresh coalitions: what both items say only together, against z_c^T W z_c. The
    surrogate is transported, not fitted again: its coefficients are those of its own design.

    Ranks and correlations do not ask for the surrogate's scale; R2 = 1 - Var(f - prediction) / Var(f) does,
    and is negative where the prediction is worse than a constant. The intercept is free.

    References
    ----------
    .. [1] H. Baniecki, M. Muschalik, F. Fumagalli, B. Hammer, E. Hüllermeier, P. Biecek, "Explaining
       Similarity in Vision-Language Encoders with Weighted Banzhaf Interactions", NeurIPS 2025,
       arXiv:2508.05430 (p-faithfulness correlation).
    """
    return tuple(value for grid in pair.grids for value in _judge(grid))


def _judge(grid: FreshGrid) -> tuple[FaithfulnessValue, ...]:
    predicted = {
        control: surrogate_scores(grid.pair, control, grid.left, grid.right) for control in _CONTROLS
    }
    found: list[FaithfulnessValue] = []
    for control, prediction in predicted.items():
        true, said = (values - values.mean() for values in (grid.scores, prediction))
        scales = float(np.abs(grid.scores).max()), float(np.abs(prediction).max())
        found += _values(f"score p={grid.probability:g}", control, agreement(true, said, scales))
    # W is all that the full surrogate says of this part, and main effects say nothing.
    joint = predicted[Control.INTERACTIONS]
    scales = float(np.abs(grid.scores).max()), float(np.abs(joint).max())
    agreed = agreement(_doubly_centred(grid.scores), _doubly_centred(joint), scales)
    found += _values(f"joint p={grid.probability:g}", Control.EXPLANATION, agreed)
    return tuple(found)


def agreement(true: Grid, predicted: Grid, scales: tuple[float, float]) -> dict[str, float | None]:
    """Spearman and Pearson correlation, and R2, of centred values.

    Parameters
    ----------
    true, predicted
        Centred.
    scales
        Largest magnitude of either before it was centred, against which variation is compared with rounding.

    Returns
    -------
    agreement
        By the name of the measure; None where one of the two does not vary.
    """
    deviations = float(true.std()), float(predicted.std())
    if any(deviation <= ROUNDING * scale for deviation, scale in zip(deviations, scales, strict=True)):
        return dict.fromkeys(("spearman", "pearson", "r2"))
    return {
        "spearman": _correlation(_ranks(true), _ranks(predicted)),
        "pearson": _correlation(true, predicted),
        "r2": 1.0 - float((true - predicted).var() / true.var()),
    }


def _correlation(a: Grid, b: Grid) -> float:
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


def _ranks(values: Grid) -> Grid:
    from scipy.stats import rankdata

    # Coalitions come again and again, and their scores with them up to rounding: such values are ties.
    step = np.abs(values).max() * ROUNDING
    return rankdata(np.rint(values / step), method="average").reshape(values.shape)


def _doubly_centred(values: Grid) -> Grid:
    return values - values.mean(axis=0) - values.mean(axis=1, keepdims=True) + values.mean()


def _values(mode: str, control: Control, agreed: dict[str, float | None]) -> list[FaithfulnessValue]:
    return [
        FaithfulnessValue(f"p_faithfulness_{name}", mode, control, value) for name, value in agreed.items()
    ]


P_FAITHFULNESS = Metric(
    make=p_faithfulness,
    what="agreement of model and surrogate on fresh coalitions, each segment kept with probability p",
    source="https://arxiv.org/abs/2508.05430",
    title="p-faithfulness",
    settings=("probabilities", "coalitions"),
    reads=FreshCoalitions,
    reports=(
        Reported(
            name="p_faithfulness_spearman",
            title="p-faithfulness, ranks",
            says="Rank correlation of the surrogate with the model on fresh coalitions, each segment kept "
            "with probability p; joint compares what {left} and {right} say only together.",
            group=Group.FIDELITY,
            direction="higher",
            bounds=COSINE,
            controls=_CONTROLS,
            chance="0.",
            null=0.0,
            modes=("score", "joint"),
        ),
        Reported(
            name="p_faithfulness_pearson",
            title="p-faithfulness, values",
            says="Correlation of the surrogate's values with the model's on fresh coalitions, as with ranks.",
            group=Group.FIDELITY,
            direction="higher",
            bounds=COSINE,
            controls=_CONTROLS,
            chance="0.",
            null=0.0,
            modes=("score", "joint"),
        ),
        Reported(
            name="p_faithfulness_r2",
            title="p-faithfulness, R\N{SUPERSCRIPT TWO}",
            says="Share of the variance on fresh coalitions that the surrogate predicts.",
            group=Group.FIDELITY,
            direction="higher",
            bounds=R2,
            controls=_CONTROLS,
            chance="0 is what a constant predicts; below it a constant predicts more.",
            null=0.0,
            modes=("score", "joint"),
        ),
    ),
)
