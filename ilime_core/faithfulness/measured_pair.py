"""Record that metrics read: one pair under one estimator, with what was stored, encoded and refitted."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from jaxtyping import Float

from ilime_core.errors import InputError
from ilime_core.faithfulness.encoded import EncodedCoalitions
from ilime_core.faithfulness.explanation import PairExplanation
from ilime_core.faithfulness.fresh_coalitions import FreshCoalitions, FreshGrid
from ilime_core.faithfulness.options import MetricOptions
from ilime_core.faithfulness.pair_curves import PairCurves, Paths
from ilime_core.faithfulness.refits import Refits, Variation
from ilime_core.faithfulness.region_truth import RegionTruth

__all__ = ["FitShares", "GlobalPart", "MeasuredPair"]


@dataclass(frozen=True, slots=True)
class FitShares:
    """How the variance of the score divides, and how much of it is explained; None where unknown.

    Fields are those columns of the table ``fits``.
    """

    r2_total: float | None
    r2_linear: float | None
    r2_cross: float | None
    r2_cross_held_out: float | None
    r2_cross_ceiling: float | None
    share_left: float | None
    share_right: float | None
    share_cross: float | None
    sum_squared_error: float | None
    """Sum of the squared standard errors of W, product term subtracted; 0 of posterior means, to whose energy
    their errors add nothing."""
    share_certain: float | None
    """Share of the cells of W that differ from zero, corrected for their number; None of exact weights."""


@dataclass(frozen=True, slots=True, eq=False)
class GlobalPart:
    """Where a pair's segments lie on the leading factors of the whole benchmark.

    ``left_scores`` and ``right_scores`` are the entries of the global singular vectors that belong to the
    pair's segments: the leading factors say W is about ``left_scores @ diag(strengths) @ right_scores.T``.
    """

    left_scores: Float[np.ndarray, "left factors"]
    right_scores: Float[np.ndarray, "right factors"]
    strengths: Float[np.ndarray, " factors"]


@dataclass(frozen=True, eq=False)  # no slots: curves and grids are kept once they are read
class MeasuredPair:
    """One pair under one estimator.

    Attributes
    ----------
    pair_id, estimator
        Of which pair and estimator.
    explanation, shares
        The stored surrogate and its fit.
    global_part
        None where the run has no factors, or no metric needs them.
    truth
        Which regions show what words name; None where it is unknown, or no metric needs it.
    options
        Settings of the measurement.
    paths
        Paths that `curves` reads, those of all metrics of the measurement.
    encoded
        The left and the right item with their encoded coalitions; None where no metric reads any.
    refits
        W of every draw of a variation; a variation that this pair was not explained again under is absent.
    """

    pair_id: str
    estimator: str
    explanation: PairExplanation
    shares: FitShares
    global_part: GlobalPart | None = None
    truth: RegionTruth | None = None
    options: MetricOptions = field(default_factory=MetricOptions)
    paths: Paths | None = None
    encoded: tuple[EncodedCoalitions, EncodedCoalitions] | None = None
    refits: Mapping[Variation, Refits] = field(default_factory=dict[Variation, Refits])

    @property
    def items(self) -> tuple[EncodedCoalitions, EncodedCoalitions]:
        """The left and the right item with their encoded coalitions.

        Raises
        ------
        InputError
            If nothing was encoded.
        """
        if self.encoded is None:
            raise InputError(f"pair {self.pair_id}: no coalition was encoded; name them in Metric.reads")
        return self.encoded

    @cached_property
    def curves(self) -> PairCurves:
        """The model along all paths of the measurement.

        Raises
        ------
        InputError
            If no metric reads paths, or a coalition was not encoded.
        """
        if self.paths is None:
            raise InputError(f"pair {self.pair_id}: no path was traced; name Paths in Metric.reads")
        return self.paths.read(self.explanation, *self.items)

    @cached_property
    def grids(self) -> tuple[FreshGrid, ...]:
        """The model on fresh coalitions, one grid for each probability.

        Raises
        ------
        InputError
            If a coalition was not encoded.
        """
        return FreshCoalitions(self.options).read(self.explanation, *self.items)

    def varied(self, *variations: Variation) -> Iterator[tuple[Variation, Refits]]:
        """Refits under each variation, of those that this pair was explained again under."""
        for variation in variations:
            if variation in self.refits:
                yield variation, self.refits[variation]
