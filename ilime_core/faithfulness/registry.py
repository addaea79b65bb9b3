"""Faithfulness metrics by name."""

from collections.abc import Callable
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Bool

from ilime_core.faithfulness.area_between import area_between
from ilime_core.faithfulness.asymmetry import asymmetry
from ilime_core.faithfulness.average_drop import average_drop
from ilime_core.faithfulness.encoded import EncodedCoalitions
from ilime_core.faithfulness.explanation import PairExplanation
from ilime_core.faithfulness.highest_confidence import highest_confidence
from ilime_core.faithfulness.insertion_deletion import insertion_deletion
from ilime_core.faithfulness.measurement import Measurement
from ilime_core.faithfulness.options import MetricOptions
from ilime_core.faithfulness.stored import StoredMetric
from ilime_core.registry import Entry, Registry

__all__ = ["METRICS", "STORED_METRICS", "Metric"]


@runtime_checkable
class Metric(Protocol):
    """Asks for coalitions first, is given their embeddings, and then judges."""

    def masks(
        self, pair: PairExplanation
    ) -> tuple[Bool[np.ndarray, "left_masks left"], Bool[np.ndarray, "right_masks right"]]:
        """Coalitions of the left and of the right item that `measure` reads; repetitions are allowed."""
        ...

    def most_encodes(self, n_segments: int, n_explanations: int) -> int:
        """Most distinct coalitions that an item can need when so many explanations are measured."""
        ...

    def measure(
        self, pair: PairExplanation, left: EncodedCoalitions, right: EncodedCoalitions
    ) -> Measurement:
        """Judge the explanation of a pair."""
        ...


METRICS: Registry[Callable[[MetricOptions], Metric]] = Registry(
    "faithfulness metric",
    {
        "insertion_deletion": Entry(
            insertion_deletion,
            "areas under the score as segments come or go in the explanation's order",
            "https://arxiv.org/abs/1806.07421",
        ),
        "aid": Entry(
            area_between,
            "area between removing the least and removing the most important segments first",
            "https://arxiv.org/abs/2508.05430",
        ),
        "average_drop": Entry(
            average_drop,
            "what the score loses, and how often it gains, when only the top part is kept",
            "https://doi.org/10.1109/WACV.2018.00097",
        ),
        "highest_confidence": Entry(
            highest_confidence,
            "highest score with no more than a quarter, half, three quarters or all of the area",
            "https://arxiv.org/abs/2402.09164",
        ),
        "asymmetry": Entry(
            asymmetry,
            "distance of the areas of explaining left given right and right given left",
            "https://doi.org/10.1109/ICIP49359.2023.10222440",
        ),
    },
)
"""Metrics that encode further coalitions; those of one measurement share them."""

STORED_METRICS: Registry[StoredMetric] = Registry(
    "metric of stored explanations",
    {},
)
"""Metrics over what the tables hold: no encode."""
