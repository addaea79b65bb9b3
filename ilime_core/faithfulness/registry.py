"""Faithfulness metrics by name."""

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Bool

from ilime_core.faithfulness.area_between import area_between
from ilime_core.faithfulness.asymmetry import asymmetry
from ilime_core.faithfulness.average_drop import average_drop
from ilime_core.faithfulness.certainty import certainty
from ilime_core.faithfulness.comprehensibility import comprehensibility
from ilime_core.faithfulness.encoded import EncodedCoalitions
from ilime_core.faithfulness.explanation import PairExplanation
from ilime_core.faithfulness.fidelity import fidelity
from ilime_core.faithfulness.fresh_coalitions import GridMetric
from ilime_core.faithfulness.highest_confidence import highest_confidence
from ilime_core.faithfulness.incompleteness import incompleteness
from ilime_core.faithfulness.infidelity import infidelity
from ilime_core.faithfulness.insertion_deletion import insertion_deletion
from ilime_core.faithfulness.localisation import localisation
from ilime_core.faithfulness.measurement import Measurement
from ilime_core.faithfulness.options import MetricOptions
from ilime_core.faithfulness.p_faithfulness import p_faithfulness
from ilime_core.faithfulness.pair_curves import PathMetric, joined_paths
from ilime_core.faithfulness.representativeness import representativeness
from ilime_core.faithfulness.stored import StoredMetric
from ilime_core.faithfulness.synergy import Synergy
from ilime_core.registry import Entry, Registry

__all__ = ["METRICS", "STORED_METRICS", "Metric", "most_encodes", "shared"]


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


METRICS: Registry[Entry[Callable[[MetricOptions], Metric]]] = Registry(
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
        "p_faithfulness": Entry(
            p_faithfulness,
            "agreement of model and surrogate on fresh coalitions, each segment kept with probability p",
            "https://arxiv.org/abs/2508.05430",
        ),
        "infidelity": Entry(
            infidelity,
            "squared gap of predicted and true drop, from the whole pair to fresh coalitions",
            "https://arxiv.org/abs/1901.09392",
        ),
        "synergy": Entry(
            Synergy,
            "what the top parts of both items say only together",
            "https://arxiv.org/abs/2605.22168",
        ),
    },
)
"""Metrics that encode further coalitions; those of one measurement share them."""

STORED_METRICS: Registry[Entry[StoredMetric]] = Registry(
    "metric of stored explanations",
    {
        "fidelity": Entry(
            fidelity,
            "variance of the score that the surrogate explains, beside the linear one",
            "https://doi.org/10.1109/ICIP49359.2023.10222440",
        ),
        "certainty": Entry(
            certainty,
            "share of interactions that are told from zero, false discoveries controlled",
            "https://doi.org/10.1111/j.2517-6161.1995.tb02031.x",
        ),
        "comprehensibility": Entry(
            comprehensibility,
            "components with 90 % of the energy of W beyond noise",
            "ilime",
        ),
        "incompleteness": Entry(
            incompleteness,
            "what a linear surrogate cannot tell, and how much of it the bilinear one does",
            "https://doi.org/10.1109/ICIP49359.2023.10222440",
        ),
        "representativeness": Entry(
            representativeness,
            "share of the energy of W that the leading factors of the benchmark tell",
            "ilime",
        ),
        "localisation": Entry(
            localisation,
            "whether the regions of a word show what it names, where this is known",
            "https://doi.org/10.1007/s11263-017-1059-x",
        ),
    },
)
"""Metrics over what the tables hold: no encode."""


def shared(metrics: Sequence[Metric]) -> list[Metric]:
    """The same metrics, those over orders as a single one, so that no path is traced or read twice."""
    paths = [metric for metric in metrics if isinstance(metric, PathMetric)]
    others = [metric for metric in metrics if not isinstance(metric, PathMetric)]
    return [joined_paths(paths), *others] if paths else others


def most_encodes(metrics: Sequence[Metric], n_segments: int, n_explanations: int) -> int:
    """Most distinct coalitions that an item can need for several metrics; those of one kind share theirs."""
    grids = [metric for metric in metrics if isinstance(metric, GridMetric)]
    apart = [metric for metric in shared(metrics) if metric not in grids[1:]]  # grids read the same ones
    total = sum(metric.most_encodes(n_segments, n_explanations) for metric in apart)
    return min(total, max(0, 2**n_segments - 2))
