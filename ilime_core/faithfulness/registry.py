"""Faithfulness metrics by name, and the values that they report."""

from collections.abc import Iterable, Mapping

from ilime_core.errors import InputError
from ilime_core.faithfulness.area_between import AID
from ilime_core.faithfulness.metric import Metric
from ilime_core.faithfulness.metric_set import MetricSet
from ilime_core.faithfulness.metrics.asymmetry import ASYMMETRY
from ilime_core.faithfulness.metrics.average_drop import AVERAGE_DROP
from ilime_core.faithfulness.metrics.certainty import CERTAINTY
from ilime_core.faithfulness.metrics.comprehensibility import COMPREHENSIBILITY
from ilime_core.faithfulness.metrics.consistency import CONSISTENCY
from ilime_core.faithfulness.metrics.fidelity import FIDELITY
from ilime_core.faithfulness.metrics.highest_confidence import HIGHEST_CONFIDENCE
from ilime_core.faithfulness.metrics.incompleteness import INCOMPLETENESS
from ilime_core.faithfulness.metrics.infidelity import INFIDELITY
from ilime_core.faithfulness.metrics.insertion_deletion import INSERTION_DELETION
from ilime_core.faithfulness.metrics.localisation import LOCALISATION
from ilime_core.faithfulness.metrics.max_sensitivity import MAX_SENSITIVITY
from ilime_core.faithfulness.metrics.p_faithfulness import P_FAITHFULNESS
from ilime_core.faithfulness.metrics.randomised_weights import RANDOMISED_WEIGHTS
from ilime_core.faithfulness.metrics.recognition import RECOGNITION
from ilime_core.faithfulness.metrics.representativeness import REPRESENTATIVENESS
from ilime_core.faithfulness.metrics.stability import STABILITY
from ilime_core.faithfulness.metrics.synergy import SYNERGY
from ilime_core.faithfulness.options import MetricOptions
from ilime_core.faithfulness.reported import SIZE, Group, Reported
from ilime_core.registry import Registry

__all__ = ["COST", "METRICS", "REPORTED", "metric_set", "reported"]


METRICS: Registry[Metric] = Registry(
    "faithfulness metric",
    {
        "insertion_deletion": INSERTION_DELETION,
        "aid": AID,
        "average_drop": AVERAGE_DROP,
        "highest_confidence": HIGHEST_CONFIDENCE,
        "synergy": SYNERGY,
        "asymmetry": ASYMMETRY,
        "p_faithfulness": P_FAITHFULNESS,
        "infidelity": INFIDELITY,
        "fidelity": FIDELITY,
        "incompleteness": INCOMPLETENESS,
        "localisation": LOCALISATION,
        "recognition": RECOGNITION,
        "stability": STABILITY,
        "max_sensitivity": MAX_SENSITIVITY,
        "randomised_weights": RANDOMISED_WEIGHTS,
        "consistency": CONSISTENCY,
        "comprehensibility": COMPREHENSIBILITY,
        "certainty": CERTAINTY,
        "representativeness": REPRESENTATIVENESS,
    },
)
"""Everything that can be measured, by its name in the spec; pages show values in this order."""

COST = Reported(
    name="cost",
    title="cost",
    says="What the method asks of the model by itself: encodes of one item, or scores of one pair.",
    group=Group.COST,
    direction="lower",
    bounds=SIZE,
    modes=("image_encodes", "text_encodes", "scores"),
    mode_names={"image_encodes": "image encodes", "text_encodes": "text encodes"},
    is_contest=False,
)
"""Beside the metrics: cost of a method, which is counted and not measured on pairs."""

REPORTED: Mapping[str, Reported] = {
    **{value.name: value for name in METRICS.names for value in METRICS[name].reports},
    COST.name: COST,
}
"""By the names in column ``metric``; one metric of a spec may report several."""


def reported(metric: str) -> Reported:
    """What is known of a metric's values.

    Raises
    ------
    InputError
        If no metric declares the value.
    """
    if metric not in REPORTED:
        raise InputError(
            f"no metric of {__name__} reports {metric!r}: name it in the metric's reports, with UNBOUNDED "
            "where it has no range"
        )
    return REPORTED[metric]


def metric_set(names: Iterable[str], options: MetricOptions) -> MetricSet:
    """Metrics of the spec with their common settings.

    Parameters
    ----------
    names
        Keys of `METRICS`.
    options
        Settings that all of them share.

    Returns
    -------
    MetricSet
        In the order of the names.

    Raises
    ------
    InputError
        If there is no such metric; the message names the nearest.
    """
    return MetricSet(tuple(METRICS[name] for name in names), options)
