"""Agreement of two models' W on the same cells, and what is left of it without the errors of both."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int64

__all__ = ["CellAgreement", "Disattenuation", "cell_agreement", "disattenuation"]


@dataclass(frozen=True, slots=True, eq=False)
class CellAgreement:
    """Agreement of W pair by pair, over the cells that both runs have; NaN where it cannot be known.

    Attributes
    ----------
    correlation
        Pearson's, of the estimated weights.
    first_reliability, second_reliability
        Share of the variance of the weights that is not their error, below 1; negative where errors are
        larger than all variance.
    common_error
        What two fully correlated errors would add to the correlation.
    n_cells
        Cells of each pair.
    """

    correlation: Float[np.ndarray, " pairs"]
    first_reliability: Float[np.ndarray, " pairs"]
    second_reliability: Float[np.ndarray, " pairs"]
    common_error: Float[np.ndarray, " pairs"]
    n_cells: Int64[np.ndarray, " pairs"]


@dataclass(frozen=True, slots=True, eq=False)
class Disattenuation:
    """Correlation of the true weights over all pairs.

    Attributes
    ----------
    value
        Mean correlation over the root of the product of the mean reliabilities.
    influence
        Value of each pair whose mean is ``value`` and whose spread is that of the estimate (delta method);
        NaN of pairs that are left out.
    """

    value: float
    influence: Float[np.ndarray, " pairs"]


def cell_agreement(
    weights: tuple[Float[np.ndarray, " cells"], Float[np.ndarray, " cells"]],
    errors: tuple[Float[np.ndarray, " cells"], Float[np.ndarray, " cells"]],
    pairs: Int64[np.ndarray, " cells"],
    n_pairs: int,
) -> CellAgreement:
    """Correlate the weights of two runs within each pair.

    Parameters
    ----------
    weights, errors
        Weights and standard errors of the first and of the second run, cell by cell; an error is NaN where it
        is unknown, and 0 where nothing was drawn.
    pairs
        Number of each cell's pair.
    n_pairs
        Number of pairs; some may have no cell.

    Returns
    -------
    CellAgreement
        A correlation needs two cells and weights that vary.

    Notes
    -----
    With independent errors of mean square e over n cells of variance v (sum of squares over n) the
    reliability [1]_ is 1 - e (n - 3) / (n v): 1 / v is too large on average, for normal weights by
    n / (n - 3).
    Stored errors of single cells are rather too large (docs/methods.md, Standard errors), and so the
    reliability is rather too low.

    Where both runs have drawn the same masks their errors may go together. No covariance of two errors
    exceeds the product of their sizes (Cauchy and Schwarz): its mean over cells, over the root of both
    variances, is ``common_error``.

    References
    ----------
    .. [1] C. Spearman, "The proof and measurement of association between two things", American Journal of
       Psychology 15(1), 1904, pp. 72-101, doi:10.2307/1412159.
    """
    counts = np.bincount(pairs, minlength=n_pairs)

    def mean(values: Float[np.ndarray, " cells"]) -> Float[np.ndarray, " pairs"]:
        return np.bincount(pairs, weights=values, minlength=n_pairs) / np.maximum(counts, 1)

    first, second = (one.astype(np.float64) for one in weights)
    first, second = first - mean(first)[pairs], second - mean(second)[pairs]
    variances = mean(first**2), mean(second**2)
    varies = (variances[0] > 0) & (variances[1] > 0) & (counts >= 2)
    scale = np.sqrt(np.where(varies, variances[0] * variances[1], np.nan))
    one, other = (values.astype(np.float64) for values in errors)
    unbiased = np.where(varies & (counts > 3), (counts - 3) / np.maximum(counts, 1), np.nan)
    reliabilities = [
        1 - unbiased * mean(error**2) / np.where(varies, variance, 1.0)
        for error, variance in zip((one, other), variances, strict=True)
    ]
    return CellAgreement(
        correlation=np.clip(mean(first * second) / scale, -1.0, 1.0),
        first_reliability=reliabilities[0],
        second_reliability=reliabilities[1],
        common_error=mean(one * other) / scale,
        n_cells=counts.astype(np.int64),
    )


def disattenuation(
    correlation: Float[np.ndarray, " pairs"],
    first_reliability: Float[np.ndarray, " pairs"],
    second_reliability: Float[np.ndarray, " pairs"],
) -> Disattenuation | None:
    """Correlation of the true weights of two runs, from those of the estimated ones.

    Parameters
    ----------
    correlation
        Of each pair; NaN leaves it out.
    first_reliability, second_reliability
        Of each pair; NaN leaves it out.

    Returns
    -------
    Disattenuation or None
        None without a pair, or where a mean reliability is not positive. A value above 1 is no error: the
        errors are then as large as all differences.

    Notes
    -----
    Means are taken before the division. A pair by itself may have a reliability near 0, and its own quotient
    would be anything.
    """
    known = ~np.isnan(correlation + first_reliability + second_reliability)
    if not known.any():
        return None
    means = [float(one[known].mean()) for one in (correlation, first_reliability, second_reliability)]
    if min(means[1:]) <= 0:
        return None
    root = np.sqrt(means[1] * means[2])
    value = means[0] / root
    influence = (
        value
        + (correlation - means[0]) / root
        - value / 2 * (first_reliability - means[1]) / means[1]
        - value / 2 * (second_reliability - means[2]) / means[2]
    )
    return Disattenuation(float(value), np.where(known, influence, np.nan))
