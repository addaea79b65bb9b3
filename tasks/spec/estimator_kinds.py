"""Which estimators explain items once for all their pairs, which explain single pairs, and which draw."""

from ilime_core.opaque.registry import PAIR_ESTIMATORS
from tasks.spec import ExplainParameters
from tasks.spec.estimation import EVERY_ESTIMATOR

__all__ = ["draws_masks", "errors_leave_out", "item_estimators", "pair_estimators"]


def draws_masks(estimator: str) -> bool:
    """Whether an estimator reads masks that are drawn; True of one that no registry knows.

    What draws none gives the same W under every seed: there is nothing to test in that, and no error to
    estimate.
    """
    return estimator not in EVERY_ESTIMATOR.names or EVERY_ESTIMATOR[estimator].draws


def errors_leave_out(estimator: str) -> str:
    """What an estimator's standard errors leave out; empty where they hold, or no registry knows it.

    Errors that leave something out are too small by an unknown amount: no weight is told from zero by them.
    """
    return EVERY_ESTIMATOR[estimator].left_out if estimator in EVERY_ESTIMATOR.names else ""


def item_estimators(parameters: ExplainParameters) -> tuple[str, ...]:
    """Those whose W is a product of two items' effects, in the order of the spec."""
    return tuple(name for name in parameters.estimators if name not in PAIR_ESTIMATORS.names)


def pair_estimators(parameters: ExplainParameters) -> tuple[str, ...]:
    """Those that ask for scores of a pair, in the order of the spec."""
    return tuple(name for name in parameters.estimators if name in PAIR_ESTIMATORS.names)
