"""Coalitions that no explanation was fitted with, and what the model and its surrogates say of them."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from ilime_core.draws import named_rng
from ilime_core.faithfulness.encoded import EncodedCoalitions
from ilime_core.faithfulness.explanation import PairExplanation
from ilime_core.faithfulness.measurement import Control
from ilime_core.faithfulness.options import MetricOptions

__all__ = ["FreshCoalitions", "FreshGrid", "fresh_coalitions", "surrogate_scores"]


def fresh_coalitions(
    options: MetricOptions, item_id: str, n_segments: int, probability: float
) -> Bool[np.ndarray, "masks segments"]:
    """Draw coalitions of an item that keep each segment with a probability; the same in all its pairs.

    Parameters
    ----------
    options
        ``seed`` and ``n_coalitions`` are read.
    item_id
        Part of the seed: no pair or order of work changes the coalitions.
    n_segments
        Segments of the item.
    probability
        Of keeping a segment, 0 to 1; also part of the seed.

    Returns
    -------
    Bool array, masks x segments
        ``n_coalitions`` rows, repetitions among them; True keeps the segment.
    """
    rng = named_rng(options.seed, f"fresh {probability:g}", item_id)
    return rng.random((options.n_coalitions, n_segments)) < probability


@dataclass(frozen=True, slots=True, eq=False)
class FreshGrid:
    """One pair read on all combinations of its items' fresh coalitions."""

    pair: PairExplanation
    probability: float
    left: Bool[np.ndarray, "left_masks left"]
    right: Bool[np.ndarray, "right_masks right"]
    scores: Float[np.ndarray, "left_masks right_masks"]
    whole: float
    """Score of the whole pair."""


@dataclass(frozen=True, slots=True)
class FreshCoalitions:
    """Fresh coalitions as a reading; ``options`` has the probabilities, the number and the seed."""

    options: MetricOptions

    def masks(
        self, pair: PairExplanation
    ) -> tuple[Bool[np.ndarray, "left_masks left"], Bool[np.ndarray, "right_masks right"]]:
        """Coalitions of both items that `read` needs, with repetitions; see `encoded.merge_masks`."""
        drawn = [self._drawn(pair, probability) for probability in self.options.probabilities]
        return np.concatenate([left for left, _ in drawn]), np.concatenate([right for _, right in drawn])

    def most_encodes(self, n_segments: int, n_explanations: int) -> int:  # noqa: ARG002 - all share them
        """Most distinct coalitions that an item can need: they do not depend on what is measured.

        Parameters
        ----------
        n_segments
            Segments of the item.
        n_explanations
            Not read: all explanations share the coalitions.

        Returns
        -------
        int
            Number wanted, and no more than there are between the empty and the whole item.
        """
        wanted = self.options.n_coalitions * len(self.options.probabilities)
        return min(wanted, 2**n_segments - 2)

    def read(
        self, pair: PairExplanation, left: EncodedCoalitions, right: EncodedCoalitions
    ) -> tuple[FreshGrid, ...]:
        """Read the grid of every probability.

        Parameters
        ----------
        pair
            Its ids fix the coalitions.
        left, right
            Its items, with the coalitions of `masks` encoded.

        Returns
        -------
        tuple of FreshGrid
            One for each probability, in the order of the options.

        Raises
        ------
        InputError
            If a coalition of `masks` was not encoded.
        """
        whole = float(left.full.double() @ right.full.double())
        found: list[FreshGrid] = []
        for probability in self.options.probabilities:
            masks = self._drawn(pair, probability)
            g, h = (item.embed(rows).double() for item, rows in zip((left, right), masks, strict=True))
            found.append(FreshGrid(pair, probability, *masks, (g @ h.T).cpu().numpy(), whole))
        return tuple(found)

    def _drawn(
        self, pair: PairExplanation, probability: float
    ) -> tuple[Bool[np.ndarray, "left_masks left"], Bool[np.ndarray, "right_masks right"]]:
        return (
            fresh_coalitions(self.options, pair.left_id, len(pair.left_raw), probability),
            fresh_coalitions(self.options, pair.right_id, len(pair.right_raw), probability),
        )


def surrogate_scores(
    pair: PairExplanation,
    control: Control,
    left: Bool[np.ndarray, "left_masks left"],
    right: Bool[np.ndarray, "right_masks right"],
) -> Float[np.ndarray, "left_masks right_masks"]:
    """Predict all combinations of two sets of coalitions, up to the surrogate's intercept.

    Parameters
    ----------
    pair
        Its surrogate.
    control
        The full surrogate, W alone or the main effects alone.
    left, right
        Coalitions.

    Returns
    -------
    Float array, left_masks x right_masks
        In units of the score.

    Raises
    ------
    KeyError
        For the random control, which predicts nothing.
    """
    x, y = left.astype(np.float64), right.astype(np.float64)
    joint = x @ pair.interactions @ y.T
    return {
        Control.EXPLANATION: (x @ pair.left_raw)[:, None] + y @ pair.right_raw + joint,
        Control.INTERACTIONS: joint,
        Control.MAIN_EFFECTS: (x @ pair.left_main)[:, None] + y @ pair.right_main,
    }[control]
