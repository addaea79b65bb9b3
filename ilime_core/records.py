"""Frozen records of items: views, segments, masks, embeddings and effects."""

from collections.abc import Mapping
from dataclasses import dataclass

from jaxtyping import Bool, Float
from torch import Tensor

from ilime_core.modality import Modality
from ilime_core.view_records import ImageSegments, ImageView, TextSegments, ViewGeometry

__all__ = [
    "Effects",
    "HeldOut",
    "ImageSegments",
    "ImageView",
    "LowRankCovariance",
    "MaskSets",
    "MaskedEmbeddings",
    "Modality",
    "TextSegments",
    "ViewGeometry",
]


@dataclass(frozen=True, slots=True, eq=False)
class LowRankCovariance:
    """A covariance kept as ``L^T L + rest * (I - U^T U)``, U the normalised rows of L.

    ``factors`` holds sqrt(eigenvalue) times orthogonal eigenvectors as rows, largest first; rows of zeros
    pad. ``rest`` is the mean of the remaining eigenvalues, so that the trace is exact. Leading batch axes are
    allowed.
    """

    factors: Float[Tensor, "*batch rank dim"]
    rest: Float[Tensor, "*batch"]


@dataclass(frozen=True, slots=True, eq=False)
class Effects:
    """Effects of one item under one estimator, with all that pairs need, so that no pair is encoded.

    Attributes
    ----------
    effects
        One embedding-valued effect per segment (A or B in the papers' letters).
    mean
        Mean embedding over the design's law (E g).
    intercept
        The surrogate's value with nothing kept (c_g): ``mean - sum_i E[z_i] effects_i`` of a regression, the
        empty embedding itself where the effects are complete (product_shapley).
    error, error_scale
        The covariance of effect i is ``error_scale[i] * error``; ``error`` is None where too few masks were
        drawn. An enumerated item has zero ``error_scale``.
    degrees
        Degrees of freedom of that covariance's estimate, for each effect: what Student's t needs. None where
        ``error`` is None and where nothing was drawn: a known effect has no error to be estimated, its
        degrees count as infinite (:func:`~ilime_core.effects.degrees.error_degrees`).
    spread
        Covariance of the embeddings over the design's law (C_g), for R2_cross; None where the estimator has
        none.
    sampled
        False when all 2^n masks were encoded.
    halves
        The estimate from each half of the masks, for the split-half error; None where not defined.
    """

    effects: Float[Tensor, "segments dim"]
    mean: Float[Tensor, " dim"]
    intercept: Float[Tensor, " dim"]
    empty: Float[Tensor, " dim"]
    full: Float[Tensor, " dim"]
    error: LowRankCovariance | None
    error_scale: Float[Tensor, " segments"]
    degrees: Float[Tensor, " segments"] | None
    spread: LowRankCovariance | None
    halves: Float[Tensor, "2 segments dim"] | None
    sampled: bool
    rank: int
    condition: float
    n_masks: int


@dataclass(frozen=True, slots=True)
class MaskSets:
    """Sets that the fitted masks of one item consist of.

    Attributes
    ----------
    rows
        Rows of each set by its name, those of ``banzhaf`` first; where these are all coalitions, only sets
        that depend on where segments lie follow them.
    design
        Name of the design of the Banzhaf rows: ``enumerate`` where all coalitions fit the request.
    p
        Probability with which the Banzhaf rows keep a segment.
    """

    rows: Mapping[str, slice]
    design: str
    p: float

    @property
    def n_banzhaf(self) -> int:
        """Number of Banzhaf rows."""
        return self.rows["banzhaf"].stop

    @property
    def enumerated(self) -> bool:
        """True if the Banzhaf rows are all coalitions, in binary order, which serve every estimator."""
        return self.design == "enumerate"


@dataclass(frozen=True, slots=True, eq=False)
class MaskedEmbeddings:
    """Masks of one item with their embeddings, the input of estimators of effects."""

    masks: Bool[Tensor, "samples segments"]
    embeddings: Float[Tensor, "samples dim"]
    empty: Float[Tensor, " dim"]
    full: Float[Tensor, " dim"]
    sets: MaskSets


@dataclass(frozen=True, slots=True, eq=False)
class HeldOut:
    """Fresh masks of one item with their embeddings, never used in a fit."""

    masks: Bool[Tensor, "samples segments"]
    embeddings: Float[Tensor, "samples dim"]
