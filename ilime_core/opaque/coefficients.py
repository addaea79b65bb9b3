"""Limit on the coefficients of a regression on joint rows: its normal equations take their square."""

from ilime_core.errors import FailureReason, ItemError
from ilime_core.opaque.registry import PAIR_ESTIMATORS

__all__ = ["MOST_COEFFICIENTS", "check_coefficients", "is_within_bound"]

MOST_COEFFICIENTS = 8_192
"""Normal equations of 512 MiB; 49 regions and 162 words have as many."""


def is_within_bound(estimator: str, n_left: int, n_right: int) -> bool:
    """Return whether a pair's regression has at most `MOST_COEFFICIENTS` coefficients.

    Parameters
    ----------
    estimator
        Name of a pair estimator; one whose entry counts no coefficients has no bound.
    n_left, n_right
        Segments of either item.

    Returns
    -------
    bool
        True if the estimator explains pairs of this size.
    """
    return _count(estimator, n_left, n_right) <= MOST_COEFFICIENTS


def check_coefficients(estimator: str, n_left: int, n_right: int) -> None:
    """Refuse a pair that is too large for an estimator, before any score is computed.

    Parameters
    ----------
    estimator
        Name of a pair estimator.
    n_left, n_right
        Segments of either item.

    Raises
    ------
    ItemError
        If its regression had more coefficients than `MOST_COEFFICIENTS`.
    """
    if not is_within_bound(estimator, n_left, n_right):
        count = _count(estimator, n_left, n_right)
        raise ItemError(
            FailureReason.TOO_LARGE,
            f"{n_left:,} and {n_right:,} segments make {count:,} coefficients of {estimator}, at most "
            f"{MOST_COEFFICIENTS:,} are fitted; take fewer segments (segmentation), or the estimator grid",
        )


def _count(estimator: str, n_left: int, n_right: int) -> int:
    coefficients = PAIR_ESTIMATORS[estimator].coefficients
    return 0 if coefficients is None else coefficients(n_left, n_right)
