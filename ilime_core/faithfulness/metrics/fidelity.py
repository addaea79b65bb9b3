"""Fidelity: share of the score's variance that the surrogate explains, by the run's own statistics."""

from ilime_core.faithfulness.measured_pair import MeasuredPair
from ilime_core.faithfulness.measurement import Control, FaithfulnessValue
from ilime_core.faithfulness.metric import Metric
from ilime_core.faithfulness.reported import R2, SHARE, Group, Reported

__all__ = ["FIDELITY", "fidelity"]


def fidelity(pair: MeasuredPair) -> tuple[FaithfulnessValue, ...]:
    """R2 of the bilinear surrogate beside that of its main effects, and R2 of W on the joint part.

    ``r2_cross`` is in closed form from the rows of the fit, unknown where these were drawn off p = 1/2;
    ``r2_cross_held_out`` is of rows that the fit has not seen, and may be negative. ``r2_cross_ceiling`` is
    what the best bilinear form would reach, and ``share_cross`` the share of the variance that all three are
    shares of.

    References
    ----------
    .. [1] B. Joukovsky, F. Sammani, N. Deligiannis, "Model-agnostic visual explanations via approximate
       bilinear models", ICIP 2023, doi:10.1109/ICIP49359.2023.10222440.
    """
    shares = pair.shares
    return tuple(
        FaithfulnessValue(metric, "none", control, value)
        for metric, control, value in (
            ("r2_total", Control.EXPLANATION, shares.r2_total),
            ("r2_total", Control.MAIN_EFFECTS, shares.r2_linear),
            ("r2_cross", Control.EXPLANATION, shares.r2_cross),
            ("r2_cross_held_out", Control.EXPLANATION, shares.r2_cross_held_out),
            ("r2_cross_ceiling", Control.EXPLANATION, shares.r2_cross_ceiling),
            ("share_cross", Control.EXPLANATION, shares.share_cross),
        )
    )


FIDELITY = Metric(
    make=fidelity,
    what="variance of the score that the surrogate explains, beside the linear one",
    source="https://doi.org/10.1109/ICIP49359.2023.10222440",
    title="fidelity of the surrogate",
    reports=(
        Reported(
            name="r2_total",
            title="R\N{SUPERSCRIPT TWO}, total",
            says="Share of the score's variance under the run's own perturbations that the surrogate "
            "explains.",
            group=Group.FIDELITY,
            direction="higher",
            bounds=R2,
            controls=(Control.EXPLANATION, Control.MAIN_EFFECTS),
            chance="0 is what a constant explains.",
            is_tested=False,  # beyond the linear one by R2_cross times the cross share
        ),
        Reported(
            name="r2_cross",
            title="R\N{SUPERSCRIPT TWO}, joint",
            says="Share of what {left} and {right} do only together that the matrix explains, in closed "
            "form.",
            group=Group.FIDELITY,
            direction="higher",
            bounds=R2,
            chance="0 in expectation for a matrix of noise, once its noise is taken off.",
            null=0.0,
        ),
        Reported(
            name="r2_cross_held_out",
            title="R\N{SUPERSCRIPT TWO}, joint, held out",
            says="Share of what {left} and {right} do only together that the matrix explains, on fresh "
            "masks.",
            group=Group.FIDELITY,
            direction="higher",
            bounds=R2,
            chance="0 is what no matrix explains; a matrix of noise is below it.",
            null=0.0,
        ),
        Reported(
            name="r2_cross_ceiling",
            title="R\N{SUPERSCRIPT TWO}, joint, best possible",
            says="Share of what {left} and {right} do only together that the best possible matrix would "
            "explain: no method can reach more.",
            group=Group.FIDELITY,
            direction="higher",
            bounds=R2,
            chance="Not defined.",
            has_merit=False,
            is_contest=False,
        ),
        Reported(
            name="share_cross",
            title="joint share",
            says="Share of the score's variance that {left} and {right} make only together: "
            "R\N{SUPERSCRIPT TWO}, joint, is a share of this. It belongs to model and perturbation, and is "
            "no merit of a method.",
            group=Group.FIDELITY,
            direction="higher",
            bounds=SHARE,
            chance="Not defined.",
            has_merit=False,
            is_contest=False,
        ),
    ),
)
