"""Faithfulness metrics by name."""

from collections.abc import Callable
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Bool

from ilime_core.faithfulness.encoded import EncodedCoalitions
from ilime_core.faithfulness.explanation import PairExplanation
from ilime_core.faithfulness.insertion_deletion import InsertionDeletion
from ilime_core.faithfulness.measurement import Measurement
from ilime_core.registry import Entry, Registry

__all__ = ["METRICS", "Metric"]


@runtime_checkable
class Metric(Protocol):
    """Asks for coalitions first, is given their embeddings, and then judges."""

    def masks(
        self, pair: PairExplanation
    ) -> tuple[Bool[np.ndarray, "left_masks left"], Bool[np.ndarray, "right_masks right"]]:
        """Coalitions of the left and of the right item that `measure` reads; repetitions are allowed."""
        ...

    def most_encodes(self, n_segments: int, n_pairs: int) -> int:
        """Most distinct coalitions that an item can need when it stands in so many pairs."""
        ...

    def measure(
        self, pair: PairExplanation, left: EncodedCoalitions, right: EncodedCoalitions
    ) -> Measurement:
        """Judge the explanation of a pair."""
        ...


METRICS: Registry[Callable[..., Metric]] = Registry(
    "faithfulness metric",
    {
        "insertion_deletion": Entry(
            InsertionDeletion,
            "areas under the score as segments of both items come or go in the explanation's order",
            "https://arxiv.org/abs/1806.07421",
        ),
    },
)
