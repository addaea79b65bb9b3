"""Submodular value of a subset of segments: four weighted parts."""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

__all__ = ["SubsetScore", "confidence", "effectiveness", "region_distances"]

_CELLS = 2**22
"""Distances that are held at once."""


@dataclass(frozen=True, slots=True)
class SubsetScore:
    """F(S) = l1 confidence + l2 effectiveness + l3 consistency + l4 collaboration.

    Attributes
    ----------
    total
        The weighted sum.
    confidence
        How sure the model is among the candidates with only S kept, whatever it is sure of.
    effectiveness
        How different the members of S are from each other; grows with their number.
    consistency
        Score of the pair with only S kept.
    collaboration
        1 minus the score of the pair with S removed.
    """

    total: float
    confidence: float
    effectiveness: float
    consistency: float
    collaboration: float


def confidence(
    embeddings: Float[Tensor, "rows dim"], candidates: Float[Tensor, "candidates dim"], scale: float
) -> Float[Tensor, " rows"]:
    """Certainty of the model among C candidates: ``1 - entropy / log C`` of their softmax.

    Parameters
    ----------
    embeddings
        Unit-norm embeddings of the coalitions.
    candidates
        Unit-norm embeddings of the items to choose from.
    scale
        Factor of the scores before the softmax, the inverse temperature.

    Returns
    -------
    Tensor, rows
        1 where one candidate has all the probability, also if it is the only one; 0 where all have the same.

    References
    ----------
    .. [1] R. Chen, H. Zhang, S. Liang, J. Li, X. Cao, "Less is more: fewer interpretable region via
       submodular subset selection", ICLR 2024, arXiv:2402.09164; the entropy of a dual encoder's softmax
       stands in for the evidential uncertainty of a classifier.
    """
    if len(candidates) == 1:
        return embeddings.new_ones(len(embeddings), dtype=torch.float64)
    logs = torch.log_softmax(scale * (embeddings.double() @ candidates.double().T), dim=1)
    return 1 + (logs.exp() * logs).sum(dim=1) / math.log(len(candidates))


def region_distances(regions: Float[Tensor, "segments dim"]) -> Float[Tensor, "segments segments"]:
    """Angles between the embeddings of single segments, as shares of pi.

    A segment has distance infinity from itself: it is never its own neighbour.
    """
    unit = torch.nn.functional.normalize(regions.double(), dim=1)
    distances = (unit @ unit.T).clamp(-1.0, 1.0).arccos() / math.pi
    return distances.fill_diagonal_(torch.inf)


def effectiveness(
    distances: Float[Tensor, "segments segments"], subsets: Bool[Tensor, "rows segments"]
) -> Float[Tensor, " rows"]:
    """Diversity of subsets: the distances of their members to the nearest other member, summed.

    Parameters
    ----------
    distances
        Distances of the segments, as :func:`region_distances` returns them; infinite on the diagonal.
    subsets
        True for the members of a subset.

    Returns
    -------
    Tensor, rows
        One sum per subset, in units of ``distances``; 0 for a subset of fewer than two.
    """
    # Every subset looks at the whole table of distances: few subsets at a time.
    parts = subsets.split(max(1, _CELLS // max(1, distances.numel())))
    return torch.cat([_nearest_sums(distances, part) for part in parts])


def _nearest_sums(
    distances: Float[Tensor, "segments segments"], subsets: Bool[Tensor, "rows segments"]
) -> Float[Tensor, " rows"]:
    absent = torch.where(subsets, 0.0, torch.inf).to(distances)
    nearest = (distances[None] + absent[:, None, :]).amin(dim=2)
    sums = torch.where(subsets, nearest, 0.0).sum(dim=1)
    return torch.where(subsets.sum(dim=1) > 1, sums, 0.0)
