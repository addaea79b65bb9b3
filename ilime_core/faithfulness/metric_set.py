"""Metrics of one measurement: what they read together, what that costs, and their values."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool

from ilime_core.faithfulness.explanation import PairExplanation
from ilime_core.faithfulness.measured_pair import MeasuredPair
from ilime_core.faithfulness.measurement import Measurement
from ilime_core.faithfulness.metric import Metric, Reading
from ilime_core.faithfulness.options import MetricOptions
from ilime_core.faithfulness.pair_curves import Paths, joined_paths
from ilime_core.faithfulness.refits import Variation

__all__ = ["MetricSet", "variations_of"]


def variations_of(metrics: Iterable[Metric]) -> tuple[Variation, ...]:
    """Variations that some metric needs; refits are shared between metrics."""
    needed = {variation for metric in metrics for variation in metric.variations}
    return tuple(variation for variation in Variation if variation in needed)


@dataclass(frozen=True, slots=True)
class MetricSet:
    """Metrics with their common settings."""

    metrics: tuple[Metric, ...]
    options: MetricOptions

    @property
    def encoding(self) -> "MetricSet":
        """Those that read coalitions, whose values depend on the baseline."""
        return replace(self, metrics=tuple(one for one in self.metrics if one.reads is not None))

    @property
    def variations(self) -> tuple[Variation, ...]:
        """Changes under which pairs have to be explained again."""
        return variations_of(self.metrics)

    @property
    def readings(self) -> tuple[Reading, ...]:
        """Distinct readings; paths are joined to one, so that none is traced or read twice.

        Raises
        ------
        InputError
            If a metric needs a side that the options do not have.
        """
        asked = [metric.reads(self.options) for metric in self.metrics if metric.reads is not None]
        paths = [one for one in asked if isinstance(one, Paths)]
        others = dict.fromkeys(one for one in asked if not isinstance(one, Paths))
        return (*([joined_paths(paths)] if paths else []), *others)

    def masks(
        self, pair: PairExplanation
    ) -> tuple[Bool[np.ndarray, "left_masks left"], Bool[np.ndarray, "right_masks right"]]:
        """Coalitions of both items that `measure` reads, with repetitions; see `encoded.merge_masks`."""
        left, right = zip(*(one.masks(pair) for one in self.readings), strict=True)
        return np.concatenate(left), np.concatenate(right)

    def most_encodes(self, n_segments: int, n_explanations: int) -> int:
        """Most distinct coalitions that an item with n segments needs for n explanations of its pairs.

        Parameters
        ----------
        n_segments
            n.
        n_explanations
            Explanations of all pairs that the item is in, under every estimator.

        Returns
        -------
        int
            At most 2^n - 2: the empty and the whole item are encoded anyway.
        """
        total = sum(one.most_encodes(n_segments, n_explanations) for one in self.readings)
        return min(total, max(0, 2**n_segments - 2))

    def measure(self, pair: MeasuredPair) -> Measurement:
        """Values of all metrics, and curves where a metric keeps them.

        Raises
        ------
        InputError
            If a coalition of `masks` was not encoded.
        """
        paths = next((one for one in self.readings if isinstance(one, Paths)), None)
        own = replace(pair, options=self.options, paths=paths)
        values = tuple(value for metric in self.metrics for value in metric.make(own))
        keeps = any(metric.keeps_curves for metric in self.metrics)
        return Measurement(values, own.curves.curves if keeps else ())
