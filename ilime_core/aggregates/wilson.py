"""Wilson's score interval of a share."""

import math

from scipy.special import ndtri

from ilime_core.errors import InputError

__all__ = ["wilson_interval"]


def wilson_interval(n_true: int, n: int, level: float = 0.95) -> tuple[float, float] | None:
    """Interval of a share of independent trials.

    Parameters
    ----------
    n_true
        Trials of which it is true.
    n
        All trials.
    level
        Coverage, inside (0, 1).

    Returns
    -------
    tuple of two floats, or None
        Lower and upper end, inside [0, 1]; None without a trial.

    Raises
    ------
    InputError
        If ``n_true`` is not within 0 and ``n``, or the level is not inside (0, 1).

    References
    ----------
    .. [1] E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", Journal of
       the American Statistical Association 22, 1927, pp. 209-212, doi:10.1080/01621459.1927.10502953.
    """
    if not 0 <= n_true <= n:
        raise InputError(f"{n_true} of {n} trials is no share.")
    if not 0 < level < 1:
        raise InputError(f"level must be inside (0, 1), got {level}.")
    if not n:
        return None
    z, share = float(ndtri((1 + level) / 2)), n_true / n
    middle = share + z**2 / (2 * n)
    reach = z * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    low, high = ((middle + sign * reach) / (1 + z**2 / n) for sign in (-1, 1))
    return (low if n_true else 0.0), (high if n_true < n else 1.0)
