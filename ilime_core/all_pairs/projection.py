"""Effects in the leading dimensions of a benchmark's joint SVD, with the energy that this loses."""

from dataclasses import dataclass, replace

from jaxtyping import Float
from torch import Tensor

from ilime_core.all_pairs.ragged_effects import RaggedEffects
from ilime_core.interactions.global_factors import SecondMoment, global_factors

__all__ = ["EffectsProjection", "joint_projection"]


@dataclass(frozen=True, slots=True, eq=False)
class EffectsProjection:
    """Linear maps of both sides' effects whose products are the best W of a rank, over all pairs together.

    Attributes
    ----------
    left_map, right_map
        ``effects @ map`` are the projected effects; float64.
    lost_energy
        Sum over all pairs of |W - W_r|^2, by that of |W|^2.
    """

    left_map: Float[Tensor, "dim kept"]
    right_map: Float[Tensor, "dim kept"]
    lost_energy: float

    def left(self, side: RaggedEffects) -> RaggedEffects:
        """Project effects of left items."""
        return _projected(side, self.left_map)

    def right(self, side: RaggedEffects) -> RaggedEffects:
        """Project effects of right items."""
        return _projected(side, self.right_map)


def joint_projection(left: SecondMoment, right: SecondMoment, n_dims: int) -> EffectsProjection:
    """Choose the dimensions in which the interactions of all pairs lose least.

    Parameters
    ----------
    left, right
        Second moments of all segments of either side.
    n_dims
        Dimensions to keep; fewer come back where the interactions have a lower rank.

    Returns
    -------
    EffectsProjection
        Maps, and the lost energy in closed form: no W is formed.

    Raises
    ------
    InputError
        If ``n_dims`` is below 1 or the widths differ.

    Notes
    -----
    All W of a benchmark are blocks of one matrix, of all left against all right segments. Its singular value
    decomposition cut at r terms is the closest matrix of rank r [1]_, and what it loses are the squares of
    the other singular values. Directions of one side alone, as from principal components, lose more.

    References
    ----------
    .. [1] C. Eckart, G. Young, "The Approximation of One Matrix by Another of Lower Rank", Psychometrika 1,
       1936, pp. 211-218, doi:10.1007/BF02288367.
    """
    factors = global_factors(left, right, n_dims)
    scale = factors.strengths.sqrt()
    return EffectsProjection(
        factors.left_directions.mT * scale,
        factors.right_directions.mT * scale,
        max(0.0, 1.0 - float(factors.energy.sum())),
    )


def _projected(side: RaggedEffects, directions: Float[Tensor, "dim kept"]) -> RaggedEffects:
    return replace(side, rows=(side.rows.double() @ directions).to(side.rows.dtype))
