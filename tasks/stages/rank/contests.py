"""Competition between methods: metrics in which a better value makes a better method."""

from ilime_core.faithfulness.registry import REPORTED
from tasks.spec.estimator_kinds import draws_masks

__all__ = ["competes", "is_by_construction"]


def is_by_construction(estimator: str, metric: str, mode: str) -> bool:
    """True if a method has a perfect value because it draws no masks.

    Such methods do not compete in how little another draw changes, and in how many cells differ from zero.
    They do compete under noise on images.

    Parameters
    ----------
    estimator
        Name of the estimator.
    metric
        Name of the metric; unknown ones are allowed.
    mode
        Variant of the metric.

    Returns
    -------
    bool
        False of a metric that is not registered.
    """
    known = REPORTED.get(metric)
    return known is not None and mode in known.modes_of_draws and not draws_masks(estimator)


def competes(estimator: str, metric: str, mode: str) -> bool:
    """True if a method's value of a metric measures how good it is.

    Parameters
    ----------
    estimator
        Name of the estimator.
    metric
        Name of the metric.
    mode
        Variant of the metric.

    Returns
    -------
    bool
        True of a metric that is not registered.
    """
    known = REPORTED.get(metric)
    return (known is None or known.is_contest) and not is_by_construction(estimator, metric, mode)
