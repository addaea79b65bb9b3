"""Smallest difference that a sample would have shown."""

from scipy.special import stdtrit

from ilime_core.errors import InputError

__all__ = ["POWER", "smallest_difference"]

POWER = 0.8
"""Probability with which a difference of that size is found."""


def smallest_difference(standard_error: float, degrees: float, level: float, power: float = POWER) -> float:
    """Size of a true difference that a two-sided test of this level finds with this power.

    Parameters
    ----------
    standard_error
        Of the estimated difference.
    degrees
        Degrees of freedom of Student's t.
    level
        Of the two-sided test, after correction for the tests that are made beside it.
    power
        Probability with which such a difference is found.

    Returns
    -------
    float
        In the unit of the standard error.

    Raises
    ------
    InputError
        If level or power is not inside (0, 1).

    Notes
    -----
    (t_(1 - level / 2) + t_power) times the standard error [1]_. It says what the sample could show, whatever
    was found: a difference that was not found may be smaller than this, and hardly larger.

    References
    ----------
    .. [1] H. S. Bloom, "Minimum Detectable Effects: A Simple Way to Report the Statistical Power of
       Experimental Designs", Evaluation Review 19(5), 1995, pp. 547-556, doi:10.1177/0193841X9501900504.
    """
    if not (0 < level < 1 and 0 < power < 1):
        raise InputError(f"level and power must be inside (0, 1), got {level} and {power}.")
    return float(stdtrit(degrees, 1 - level / 2) + stdtrit(degrees, power)) * standard_error
