"""Synergy: joint effect of the top parts of both items."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int64

from ilime_core.aggregates.bounds import Bounds
from ilime_core.faithfulness.controls import Direction, one_sided_orders
from ilime_core.faithfulness.explanation import PairExplanation
from ilime_core.faithfulness.measured_pair import MeasuredPair
from ilime_core.faithfulness.measurement import Control, FaithfulnessValue, Side
from ilime_core.faithfulness.metric import Metric
from ilime_core.faithfulness.options import MetricOptions
from ilime_core.faithfulness.orders import order_times
from ilime_core.faithfulness.reported import COSINE, EVERY_CONTROL, Group, Reported

__all__ = ["SYNERGY", "TopParts", "n_top", "synergy"]

TOP = 0.25
"""Share of each item's segments that make its top part."""

FIXED = (Control.EXPLANATION, Control.INTERACTIONS, Control.MAIN_EFFECTS)


def n_top(n_segments: int) -> int:
    """Segments of the top part: a quarter, rounded down, at least one."""
    return max(1, int(n_segments * TOP))


def synergy(pair: MeasuredPair) -> tuple[FaithfulnessValue, ...]:
    """Joint dividend v(S,T) - v(S,0) - v(0,T) + v(0,0) of the top parts S and T of both items.

    ``synergy`` is in units of the score. ``synergy_share`` is the same as a share of all that the parts do,
    |joint| + |S alone| + |T alone|: between -1 and 1, and unknown where they do nothing.

    The publication was at hand as its abstract alone: that the measure is the joint Harsanyi dividend of what
    an explanation puts on top in either modality is theirs, and the rest (a quarter of the segments, orders
    with the other item whole, the share) is ours.

    References
    ----------
    .. [1] J. R. Ky, S. Ghamizi, M. Cordy, "Measuring Cross-Modal Synergy: A Benchmark for VLM
       Explainability", 2026, arXiv:2605.22168 (synergistic faithfulness).
    """
    import torch

    left, right = pair.items
    tops = TopParts(pair.options).masks(pair.explanation)
    g0, h0 = left.empty.double(), right.empty.double()
    g, h = left.embed(tops[0]).double() - g0, right.embed(tops[1]).double() - h0
    joint = torch.linalg.vecdot(g, h).cpu().numpy()
    alone = ((g @ h0).abs() + (h @ g0).abs()).cpu().numpy()
    return tuple(_values(joint, alone))


@dataclass(frozen=True, slots=True)
class TopParts:
    """Top parts of both items as a reading: those of the fixed controls and of the random orders."""

    options: MetricOptions

    def masks(
        self, pair: PairExplanation
    ) -> tuple[Bool[np.ndarray, "left_masks left"], Bool[np.ndarray, "right_masks right"]]:
        """Top parts of both items: of the fixed controls, then of the random orders."""
        return self._tops(pair, Side.LEFT), self._tops(pair, Side.RIGHT)

    def most_encodes(self, n_segments: int, n_explanations: int) -> int:
        """Most distinct coalitions that an item with n segments needs for n explanations of its pairs.

        Parameters
        ----------
        n_segments
            n.
        n_explanations
            Each has three top parts, one for each control that is not random.

        Returns
        -------
        int
            The empty and the whole item are not counted.
        """
        return min(self.options.n_random + len(FIXED) * n_explanations, 2**n_segments - 2)

    def _tops(self, pair: PairExplanation, side: Side) -> Bool[np.ndarray, "masks segments"]:
        orders = dict(one_sided_orders(pair, side, Direction.INSERTION))
        item_id, areas = (
            (pair.left_id, pair.left_areas) if side is Side.LEFT else (pair.right_id, pair.right_areas)
        )
        times = order_times(self.options.seed, item_id, len(areas), self.options.n_random)
        random = np.argsort(times, axis=1, kind="stable")
        return _prefixes(np.vstack([*(orders[control] for control in FIXED), random]), n_top(len(areas)))


def _prefixes(
    orders: Int64[np.ndarray, "orders segments"], n_kept: int
) -> Bool[np.ndarray, "orders segments"]:
    kept = np.zeros(orders.shape, dtype=bool)
    np.put_along_axis(kept, orders[:, :n_kept], values=True, axis=1)
    return kept


def _values(
    joint: Float[np.ndarray, " parts"], alone: Float[np.ndarray, " parts"]
) -> Iterator[FaithfulnessValue]:
    moved = np.abs(joint) + alone
    shares = [float(j / m) if m > 0 else None for j, m in zip(joint, moved, strict=True)]
    for metric, each in (("synergy", [float(j) for j in joint]), ("synergy_share", shares)):
        for control, value in zip(FIXED, each, strict=False):
            yield FaithfulnessValue(metric, "top 25%", control, value)
        random = [value for value in each[len(FIXED) :] if value is not None]
        yield FaithfulnessValue(
            metric,
            "top 25%",
            Control.RANDOM,
            float(np.mean(random)) if random else None,
            spread=float(np.std(random, ddof=1)) if len(random) > 1 else None,
            n_orders=len(joint) - len(FIXED),
        )


_RANDOM_PARTS = "Random parts of the same size, measured beside it."

SYNERGY = Metric(
    make=synergy,
    what="what the top parts of both items say only together",
    source="https://arxiv.org/abs/2605.22168",
    title="synergy",
    settings=("random_orders",),
    reads=TopParts,
    reports=(
        Reported(
            name="synergy",
            title="synergy",
            says="What the top quarters of {left} and {right} add to the score only together, beyond each "
            "alone.",
            group=Group.CURVES,
            direction="higher",
            bounds=Bounds(-4.0, 4.0),
            controls=EVERY_CONTROL,
            chance=_RANDOM_PARTS,
        ),
        Reported(
            name="synergy_share",
            title="synergy, as a share",
            says="What the top quarters add only together, as a share of all that they do, alone and "
            "together.",
            group=Group.CURVES,
            direction="higher",
            bounds=COSINE,
            controls=EVERY_CONTROL,
            chance=_RANDOM_PARTS,
        ),
    ),
)
