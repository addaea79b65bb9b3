"""Registry entry of a faithfulness metric: how it is computed, what it needs, and what it reports."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Bool

from ilime_core.faithfulness.explanation import PairExplanation
from ilime_core.faithfulness.measured_pair import MeasuredPair
from ilime_core.faithfulness.measurement import FaithfulnessValue, Side
from ilime_core.faithfulness.options import MetricOptions
from ilime_core.faithfulness.refits import Variation
from ilime_core.faithfulness.reported import Reported
from ilime_core.registry import Entry

__all__ = ["Metric", "Reading"]


@runtime_checkable
class Reading(Protocol):
    """Coalitions that a metric reads; equal readings of several metrics are encoded once."""

    def masks(
        self, pair: PairExplanation
    ) -> tuple[Bool[np.ndarray, "left_masks left"], Bool[np.ndarray, "right_masks right"]]:
        """Coalitions of the left and of the right item; repetitions are allowed."""
        ...

    def most_encodes(self, n_segments: int, n_explanations: int) -> int:
        """Upper bound of the distinct coalitions of an item with n segments, for n explanations.

        Parameters
        ----------
        n_segments
            n.
        n_explanations
            Explanations of all pairs that the item is in, under every estimator.

        Returns
        -------
        int
            The empty and the whole item are not counted: they are encoded anyway.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric(Entry[Callable[[MeasuredPair], tuple[FaithfulnessValue, ...]]]):
    """A metric of the spec: ``make`` returns the values of a pair, none where it does not apply.

    Attributes
    ----------
    reports
        Its values.
    reads
        Coalitions that have to be encoded; None where the metric encodes none. Only such metrics are measured
        again under other baselines.
    sides
        Sides that have to be measured.
    variations
        Changes under which pairs have to be explained again.
    keeps_curves
        Whether the curves of `MeasuredPair.curves` are stored, too.
    needs_truth
        Whether it reads which regions show what words name.
    needs_factors
        Whether it reads the factors of the whole benchmark.
    """

    reports: tuple[Reported, ...]
    reads: Callable[[MetricOptions], Reading] | None = None
    sides: tuple[Side, ...] = ()
    variations: tuple[Variation, ...] = ()
    keeps_curves: bool = False
    needs_truth: bool = False
    needs_factors: bool = False
