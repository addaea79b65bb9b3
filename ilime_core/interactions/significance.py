"""Which weights are told from zero: p-values of single cells, and what holds for all cells of a pair."""

import numpy as np
from jaxtyping import Float
from scipy.special import stdtr

from ilime_core.errors import InputError

__all__ = ["LEVEL", "two_sided_p_values"]

LEVEL = 0.05
"""Level at which a weight counts as told from zero."""


def two_sided_p_values(
    weights: Float[np.ndarray, "*cells"],
    standard_errors: Float[np.ndarray, "*cells"],
    degrees: Float[np.ndarray, "*cells"],
) -> Float[np.ndarray, "*cells"]:
    """Probability of so large a weight, of either sign, where the true one is 0: by Student's t.

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
