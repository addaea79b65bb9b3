"""Records of an explained item, and of the parts of an explained pair, without padding, as arrays."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int, UInt8

from ilime_core.errors import InputError
from ilime_core.records import Effects, HeldOut, ImageSegments, ImageView, Modality, TextSegments
from ilime_core.segmentation.geometry import label_map_to_original

__all__ = ["ItemExplanation", "PairFactors", "PairFit", "SegmentEffects"]


@dataclass(frozen=True, slots=True, eq=False)
class ItemExplanation:
    """An item that was perturbed and encoded: all that its pairs need.

    Attributes
    ----------
    sha256
        Digest of the content; of equal digests an item is explained once.
    segments
        Label map of the view, or spans of the text.
    view
        What the model sees of an image; None of a text.
    effects
        By estimator, in single precision, on the encoder's device.
    held_out
        Fresh masks that test the fit; None where none were asked for.
    n_encodes
        Rows of the item that went through its tower, repetitions of white-box estimators not counted.
    thumbnail
        The upright photograph, no side longer than 640 pixels, to be looked at; None of a text.
    """

    modality: Modality
    sha256: str
    segments: ImageSegments | TextSegments
    view: ImageView | None
    effects: Mapping[str, Effects]
    held_out: HeldOut | None
    n_encodes: int
    thumbnail: UInt8[np.ndarray, "height width 3"] | None = None

    @property
    def n_segments(self) -> int:
        """Number of explained segments."""
        return self.segments.n_segments

    @property
    def words(self) -> tuple[str, ...]:
        """Explained words of a text, in reading order.

        Raises
        ------
        InputError
            If the item is an image.
        """
        segments = self.segments
        if not isinstance(segments, TextSegments):
            raise InputError("an image has regions and no words: read label_map")
        spans = zip(segments.starts, segments.ends, segments.truncated, strict=True)
        return tuple(segments.text[start:end] for start, end, truncated in spans if not truncated)

    @property
    def label_map(self) -> Int[np.ndarray, "height width"]:
        """Region of every pixel of the upright original image; -1 where the model sees nothing.

        Raises
        ------
        InputError
            If the item is a text.
        """
        view = self.require_view()
        if not isinstance(self.segments, ImageSegments):
            raise InputError("a text has words and no label map: read words")
        return label_map_to_original(self.segments.labels, view.geometry)

    def require_view(self) -> ImageView:
        """Return the view of an image.

        Raises
        ------
        InputError
            If the item is a text.
        """
        if self.view is None:
            raise InputError("a text has words and no label map: read words")
        return self.view


@dataclass(frozen=True, slots=True, eq=False)
class SegmentEffects:
    """Effects of the segments of one item of a pair; errors are NaN where unknown.

    Attributes
    ----------
    effect, raw_effect, intact_effect
        With the other item perturbed, empty and whole.
    net, mass
        Sum of a segment's interactions and of their absolute values.
    standard_error, intact_standard_error
        Of ``effect`` and ``intact_effect``.
    degrees
        Degrees of freedom of both standard errors.
    """

    effect: Float[np.ndarray, " segments"]
    raw_effect: Float[np.ndarray, " segments"]
    intact_effect: Float[np.ndarray, " segments"]
    net: Float[np.ndarray, " segments"]
    mass: Float[np.ndarray, " segments"]
    standard_error: Float[np.ndarray, " segments"]
    intact_standard_error: Float[np.ndarray, " segments"]
    degrees: Float[np.ndarray, " segments"]


@dataclass(frozen=True, slots=True, eq=False)
class PairFactors:
    """Singular components of W, strongest first."""

    strengths: Float[np.ndarray, " factors"]
    energy: Float[np.ndarray, " factors"]
    """Share of the squared strengths."""
    gap: Float[np.ndarray, " factors"]
    """Strength minus the next one; where it is small the two maps may be mixed."""
    sign_margin: Float[np.ndarray, " factors"]
    left_vectors: Float[np.ndarray, "factors left"]
    right_vectors: Float[np.ndarray, "factors right"]


@dataclass(frozen=True, slots=True)
class PairFit:
    """How well W is known and explains the pair; NaN where unknown. Names are those of the table ``fits``.

    Attributes
    ----------
    f_full, f_left_empty, f_right_empty, f_empty
        Scores of the four corners; ``f_full`` is the score of the pair.
    r2_cross, r2_cross_ceiling, r2_cross_held_out
        Share of what both items do together that W explains, what the best matrix would, and the same of W
        on fresh masks.
    p_none, share_certain
        Smallest adjusted p-value of the cells, and share of cells that adjusted ones keep at 5 %.
    """

    f_full: float
    f_left_empty: float
    f_right_empty: float
    f_empty: float
    intercept: float
    r2_total: float
    r2_linear: float
    r2_cross: float
    r2_cross_ceiling: float
    r2_cross_held_out: float
    share_left: float
    share_right: float
    share_cross: float
    completeness_residual: float
    effective_rank: float
    max_z: float
    p_none: float
    share_certain: float
    split_half_error: float
    sum_squared_error: float
