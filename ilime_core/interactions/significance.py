"""P-values of single cells of W, and of all cells of a pair together."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float
from scipy.special import stdtr, stdtrit

from ilime_core.aggregates.corrections import benjamini_hochberg
from ilime_core.errors import InputError

__all__ = ["LEVEL", "PairSignificance", "half_widths", "pair_significance", "two_sided_p_values"]

LEVEL = 0.05
"""Level of the test against zero: of a single cell, or of the false discoveries among a pair's cells."""


@dataclass(frozen=True, slots=True, eq=False)
class PairSignificance:
    """P-values of many pairs from the errors of W; NaN where errors are unknown or nothing was drawn.

    A weight that is known exactly is not estimated, so it has no p-value.

    Attributes
    ----------
    p_values
        Of single cells, two-sided, each by itself.
    adjusted
        The same after Benjamini and Hochberg over the pair's cells; known cells of a pair with drawn ones
        count among these.
    smallest_adjusted
        The smallest p-value of a pair's cells after Benjamini and Hochberg over them: a test of no
        interaction at all.
    share
        Share of a pair's cells whose adjusted p-value is at most `LEVEL`, which bounds the expected
        share of false ones among them.
    """

    p_values: Float[np.ndarray, "pairs left right"]
    adjusted: Float[np.ndarray, "pairs left right"]
    smallest_adjusted: Float[np.ndarray, " pairs"]
    share: Float[np.ndarray, " pairs"]


def pair_significance(
    weights: Float[np.ndarray, "pairs left right"],
    standard_errors: Float[np.ndarray, "pairs left right"],
    degrees: Float[np.ndarray, "pairs left right"],
    present: Bool[np.ndarray, "pairs left right"],
) -> PairSignificance:
    """Test the cells of W, pair by pair.

    Parameters
    ----------
    weights, standard_errors, degrees
        As in :func:`two_sided_p_values`.
    present
        Cells that are no padding.

    Returns
    -------
    PairSignificance
        One entry per pair.
    """
    # A known cell of a pair with drawn ones: it counts among the pair's cells, but has no p-value.
    cells = (np.where(present, one, np.nan) for one in (weights, standard_errors, degrees))
    tests = two_sided_p_values(*cells)
    drawn = present & (standard_errors > 0) & ~np.isnan(tests)
    tests[~drawn.any(axis=(1, 2))] = np.nan
    adjusted = benjamini_hochberg(tests.reshape(len(tests), -1))
    counts = (~np.isnan(adjusted)).sum(axis=1)
    known = counts > 0
    smallest = np.where(np.isnan(adjusted), np.inf, adjusted).min(axis=1, initial=np.inf)
    return PairSignificance(
        p_values=np.where(drawn, tests, np.nan),
        adjusted=np.where(drawn, adjusted.reshape(tests.shape), np.nan),
        smallest_adjusted=np.where(known, smallest, np.nan),
        share=np.where(known, (adjusted <= LEVEL).sum(axis=1) / np.maximum(counts, 1), np.nan),
    )


def two_sided_p_values(
    weights: Float[np.ndarray, "*cells"],
    standard_errors: Float[np.ndarray, "*cells"],
    degrees: Float[np.ndarray, "*cells"],
) -> Float[np.ndarray, "*cells"]:
    """Two-sided p-values of weights against 0, by Student's t.

    An error is itself estimated, from as many squares as it has degrees of freedom: under the normal law,
    which takes it as known, small p-values would be far too small.

    Parameters
    ----------
    weights, standard_errors
        Estimates and their standard errors; NaN where an error is unknown.
    degrees
        Degrees of freedom of the errors; infinite degrees give the normal law. Unknown (NaN) where nothing
        was drawn, whose error is 0.

    Returns
    -------
    array
        NaN where the error or its degrees are unknown. A weight without error is known, nothing was
        estimated: 0, and 1 for a weight of 0.

    Raises
    ------
    InputError
        If a standard error is negative, or degrees are not positive.

    References
    ----------
    .. [1] Student, "The probable error of a mean", Biometrika 6(1), 1908, pp. 1-25, doi:10.2307/2331554.
    """
    if bool((standard_errors < 0).any()) or bool((degrees <= 0).any()):
        raise InputError(
            "standard errors are at least 0 and degrees of freedom positive, got "
            f"{np.nanmin(standard_errors)} and {np.nanmin(degrees)}."
        )
    known = standard_errors == 0
    z = np.abs(weights) / np.where(known, 1.0, standard_errors)
    # Nothing was drawn for a known weight, so its degrees may be NaN; they are not read.
    drawn = 2.0 * stdtr(np.where(known, 1.0, degrees).astype(np.float64), -z.astype(np.float64))
    return np.where(known, (weights == 0).astype(np.float64), drawn)


def half_widths(
    standard_errors: Float[np.ndarray, "*cells"], degrees: Float[np.ndarray, "*cells"]
) -> Float[np.ndarray, "*cells"]:
    """Half of the two-sided interval at 1 - `LEVEL`, by Student's t.

    Parameters
    ----------
    standard_errors, degrees
        As in :func:`two_sided_p_values`.

    Returns
    -------
    array
        NaN where the error or its degrees are unknown; 0 of what has no error.
    """
    known = standard_errors == 0
    quantiles = stdtrit(np.where(known, 1.0, degrees).astype(np.float64), 1 - LEVEL / 2)
    return np.where(known, 0.0, quantiles * standard_errors)
