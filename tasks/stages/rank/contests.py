"""Which methods compete in which metric: where a better value makes a better method."""

from tasks.spec.estimator_kinds import draws_masks

__all__ = ["competes", "is_contest", "is_of_draws"]

_NO_CONTESTS = frozenset(
    {
        "cost",
        "randomised_weights",  # passed or failed
        "randomised_weights_pearson",
        "share_cross",  # of model and perturbation
        "r2_cross_ceiling",
        "incompleteness",  # what r2_cross says, in other units
    }
)

_OF_DRAWS = frozenset({("stability_spearman", "seed"), ("stability_pearson", "seed"), ("certainty", "none")})
"""Metric and mode of what is 1 by construction where no masks are drawn: the same W under every seed, and
cells without error."""


def is_contest(metric: str) -> bool:
    """Whether a better value of a metric makes a better method; True of a metric that nobody knows."""
    return metric not in _NO_CONTESTS


def is_of_draws(metric: str, mode: str) -> bool:
    """Whether a value is 1 by construction for a method that draws no masks."""
    return (metric, mode) in _OF_DRAWS


def competes(estimator: str, metric: str, mode: str) -> bool:
    """Whether a method's value of a metric says how good it is.

    Methods that draw no masks do not compete in how little another draw changes, and in how many cells are
    told from zero: their value follows from what they are. They do compete under noise on images.
    """
    return is_contest(metric) and (draws_masks(estimator) or not is_of_draws(metric, mode))
