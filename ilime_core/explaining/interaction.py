"""Explanation of one pair in memory: arrays, a page, a picture."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from ilime_core.explaining.explanation import ItemExplanation, PairFactors, PairFit, SegmentEffects
from ilime_core.explaining.item_records import item_record
from ilime_core.interactions.significance import half_widths
from ilime_core.modality import Modality
from ilime_core.viewer.building import factor_record, fit_record
from ilime_core.viewer.packing import pack_reals
from ilime_core.viewer.page import frame_html, pair_page
from ilime_core.viewer.records import ItemRecord, PairRecord

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["InteractionExplanation"]


@dataclass(frozen=True, slots=True, eq=False)
class InteractionExplanation:
    """Explanation of one pair by one estimator.

    Attributes
    ----------
    weights
        W: interaction of each left with each right segment.
    standard_errors, degrees
        Of W, for Student's t; NaN where unknown.
    p_values
        Two-sided, of a true weight of 0, each cell by itself; NaN where nothing is tested.
    left_effects, right_effects
        Effects of the segments of either item on the score.
    """

    estimator: str
    left: ItemExplanation
    right: ItemExplanation
    weights: Float[np.ndarray, "left right"]
    standard_errors: Float[np.ndarray, "left right"]
    degrees: Float[np.ndarray, "left right"]
    p_values: Float[np.ndarray, "left right"]
    left_effects: SegmentEffects
    right_effects: SegmentEffects
    factors: PairFactors
    fit: PairFit

    def records(self) -> tuple[PairRecord, dict[str, ItemRecord]]:
        """Return the pair and its two items as the viewer reads them.

        Returns
        -------
        tuple of PairRecord and dict of str to ItemRecord
            The pair, and its items by id. Ids are digests of contents, not those of a run; ranks and relation
            are of a corpus, and unknown.
        """
        items = [item_record(item) for item in (self.left, self.right)]
        fit, factors = self.fit, self.factors
        pair: PairRecord = {
            "pair_id": f"{items[0]['item_id'][:12]}-{items[1]['item_id'][:12]}",
            "left_id": items[0]["item_id"],
            "right_id": items[1]["item_id"],
            "estimator": self.estimator,
            "relation": "",
            "is_positive": False,
            "is_error": False,
            "score": fit.f_full,
            "rank_of_right": None,
            "rank_of_left": None,
            "shape": list(self.weights.shape),
            "weights": pack_reals(self.weights),
            "errors": pack_reals(self.standard_errors),
            "p_values": pack_reals(self.p_values),
            "left_effects": pack_reals(self.left_effects.intact_effect),
            "right_effects": pack_reals(self.right_effects.intact_effect),
            "left_half_widths": pack_reals(_half_widths(self.left_effects)),
            "right_half_widths": pack_reals(_half_widths(self.right_effects)),
            "fit": fit_record(asdict(fit)),
            "verdict": "",
            "reasons": [],
            "factors": [
                factor_record(float(strength), float(energy), float(gap), left, right)
                for strength, energy, gap, left, right in zip(
                    factors.strengths,
                    factors.energy,
                    factors.gap,
                    factors.left_vectors,
                    factors.right_vectors,
                    strict=True,
                )
            ],
            "margins": [],
            "curves": [],
            "selections": [],
        }
        return pair, {item["item_id"]: item for item in items}

    def page(self) -> str:
        """Return a page in one file of HTML that loads nothing: write it, and open it in any browser."""
        pair, items = self.records()
        texts = [item["text"] for item in items.values() if item["kind"] == "text"]
        return pair_page(pair, items, " / ".join(texts) or "Two images")

    def plot(self) -> "Figure":
        """Draw both items and the strongest rows of the matrix, in one scale of colours.

        Returns
        -------
        matplotlib.figure.Figure
            A figure that notebooks show; ``savefig`` writes it.
        """
        from ilime_core.viewer.plotting import plot_pair  # noqa: PLC0415 - matplotlib, only where it is drawn

        is_image = self.left.thumbnail is not None
        return plot_pair(
            self.weights.astype(np.float64),
            self.standard_errors.astype(np.float64),
            (_names(self.left), _names(self.right)),
            self.left.thumbnail,
            self.left.label_map if is_image else None,
        )

    def _repr_html_(self) -> str:
        """Return the page in a frame, as notebooks show it."""
        return frame_html([self.page()])


def _half_widths(effects: SegmentEffects) -> Float[np.ndarray, " segments"]:
    errors = effects.intact_standard_error.astype(np.float64)
    return half_widths(errors, effects.degrees.astype(np.float64))


def _names(item: ItemExplanation) -> list[str]:
    """Words, or numbers of regions."""
    is_image = item.modality is Modality.IMAGE
    return [str(number) for number in range(item.n_segments)] if is_image else list(item.words)
