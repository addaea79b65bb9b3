"""Kinds of estimators: of items (once for all their pairs), of single pairs, with drawn masks or without."""

from ilime_core.opaque.registry import PAIR_ESTIMATORS
from tasks.spec import ExplainParameters
from tasks.spec.estimation import EVERY_ESTIMATOR

__all__ = ["draws_masks", "errors_leave_out", "estimator_title", "item_estimators", "pair_estimators"]


def draws_masks(estimator: str) -> bool:
    """True if an estimator reads masks that are drawn, also of one that no registry knows.

    An estimator that draws none gives the same W under every seed: a test against other seeds or a standard
    error over draws would be empty.
    """
    return estimator not in EVERY_ESTIMATOR.names or EVERY_ESTIMATOR[estimator].draws


def errors_leave_out(estimator: str) -> str:
    """Source of error that standard errors omit; empty where they hold, or no registry knows the estimator.

    Errors that omit a source are too small by an unknown amount: they decide of no weight whether it differs
    from zero.
    """
    return EVERY_ESTIMATOR[estimator].left_out if estimator in EVERY_ESTIMATOR.names else ""


def estimator_title(estimator: str) -> str:
    """Name of an estimator on pages; empty where no registry knows it any more."""
    return EVERY_ESTIMATOR[estimator].title if estimator in EVERY_ESTIMATOR.names else ""


def item_estimators(parameters: ExplainParameters) -> tuple[str, ...]:
    """Those whose W is a product of two items' effects, in the order of the spec."""
    return tuple(name for name in parameters.estimators if name not in PAIR_ESTIMATORS.names)


def pair_estimators(parameters: ExplainParameters) -> tuple[str, ...]:
    """Those that ask for scores of a pair, in the order of the spec."""
    return tuple(name for name in parameters.estimators if name in PAIR_ESTIMATORS.names)
