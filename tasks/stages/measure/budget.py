"""Metrics of a measurement with their settings, and the most encodes that they take."""

from collections.abc import Iterable, Sequence

from ilime_core.faithfulness.measurement import Side
from ilime_core.faithfulness.metric_set import MetricSet
from ilime_core.faithfulness.options import MetricOptions
from ilime_core.faithfulness.registry import metric_set
from ilime_core.modality import Modality
from tasks.spec import ExplainParameters, FaithfulnessParameters
from tasks.spec.mask_draws import MaskDraw
from tasks.stages.match.blocks import TYPICAL_WORDS
from tasks.stages.measure.refit_budget import most_refit_encodes

__all__ = ["encodes_of_item", "encodes_of_pair", "measured_metrics", "refit_encodes"]


def measured_metrics(parameters: FaithfulnessParameters, seed: int) -> MetricSet:
    """The metrics of a section with their common settings.

    Parameters
    ----------
    parameters
        Section of the spec.
    seed
        Seed of random orders and coalitions.

    Returns
    -------
    MetricSet
        Metrics in the order of the section.
    """
    options = MetricOptions(
        steps=parameters.steps,
        n_random=parameters.random_orders,
        seed=seed,
        sides=tuple(Side(side) for side in parameters.sides),
        probabilities=parameters.probabilities,
        n_coalitions=parameters.coalitions,
    )
    return metric_set(parameters.metrics, options)


def encodes_of_item(parameters: FaithfulnessParameters, n_segments: int, n_explanations: int) -> int:
    """Most encodes of an item when n explanations of its pairs are measured, under all baselines.

    Parameters
    ----------
    parameters
        Section of the spec.
    n_segments
        Segments of the item; 0 costs nothing.
    n_explanations
        Explanations of its pairs, over all estimators.

    Returns
    -------
    int
        Upper bound.
    """
    if n_segments < 1:
        return 0
    metrics = measured_metrics(parameters, seed=0).encoding
    fitted = metrics.most_encodes(n_segments, n_explanations)
    # Another baseline has an empty item of its own.
    return fitted + len(parameters.baselines) * (fitted + 1) if metrics.metrics else 0


def refit_encodes(run: ExplainParameters, items: Iterable[tuple[str, int]]) -> int:
    """Most encodes when a pair is explained again, from modality and segments of its two items.

    Parameters
    ----------
    run
        The spec.
    items
        Modality and number of segments of each item; a modality of '' is skipped.

    Returns
    -------
    int
        Upper bound.
    """
    faithfulness = run.faithfulness
    return sum(
        most_refit_encodes(
            faithfulness.refits, faithfulness.metrics, MaskDraw.of(Modality(modality), run), n_segments
        )
        for modality, n_segments in items
        if modality
    )


def encodes_of_pair(run: ExplainParameters, parameters: FaithfulnessParameters) -> int:
    """Most encodes of a pair whose items are in no other pair, for the size of blocks.

    Parameters
    ----------
    run
        The spec.
    parameters
        Section of the measurement.

    Returns
    -------
    int
        At least 1.
    """
    estimators: Sequence[str] = parameters.estimators or run.estimators
    sizes = (run.segmentation.image.n_segments, TYPICAL_WORDS)
    return max(1, sum(encodes_of_item(parameters, size, len(estimators)) for size in sizes))
