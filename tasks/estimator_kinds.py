"""Which of a spec's estimators explain items once for all their pairs, and which explain single pairs."""

from ilime_core.opaque.registry import PAIR_ESTIMATORS
from tasks.parameters import ExplainParameters

__all__ = ["item_estimators", "pair_estimators"]


def item_estimators(parameters: ExplainParameters) -> tuple[str, ...]:
    """Those whose W is a product of two items' effects, in the order of the spec."""
    return tuple(name for name in parameters.estimators if name not in PAIR_ESTIMATORS.names)


def pair_estimators(parameters: ExplainParameters) -> tuple[str, ...]:
    """Those that ask for scores of a pair, in the order of the spec."""
    return tuple(name for name in parameters.estimators if name in PAIR_ESTIMATORS.names)
