"""Vector-valued Shapley values of an item: complete effects, sharing the masks of the Banzhaf effects."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ilime_core.effects.covariance import low_rank_covariance
from ilime_core.effects.registry import FitOptions
from ilime_core.errors import InputError, RankDeficientError
from ilime_core.perturbation.foldover import block_order
from ilime_core.perturbation.paired_sizes import SizeBudget, shapley_kernel, size_mixture
from ilime_core.records import Effects, MaskedEmbeddings

__all__ = ["ShapleyOptions", "fit_product_shapley", "product_shapley"]


@dataclass(frozen=True, slots=True)
class ShapleyOptions:
    """How the rows of the design were drawn."""

    n_banzhaf: int
    """Leading rows with sizes from Binomial(n, p); the rest are the Shapley rows."""
    p: float = 0.5
    enumerated: bool = False
    """Whether the masks are all coalitions; the Shapley values are then exact."""
    error_rank: int = 16


@dataclass(frozen=True, slots=True, eq=False)
class _Values:
    values: Float[Tensor, "segments dim"]
    mean: Float[Tensor, " dim"]
    rank: int
    condition: float


def product_shapley(items: Sequence[MaskedEmbeddings], options: FitOptions) -> list[Effects]:
    """Shapley values of items from their Banzhaf and Shapley rows; ridge and kernel do not apply to them.

    Parameters
    ----------
    items
        Banzhaf rows are read, and Shapley rows where there are any.
    options
        Not read: completeness leaves nothing to shrink.

    Returns
    -------
    list of Effects
        In the order of the items; see `fit_product_shapley`.

    Raises
    ------
    RankDeficientError, InputError
        See `fit_product_shapley`.
    """
    del options  # completeness leaves nothing to shrink, and the weights are the Shapley kernel's
    own = [max(item.sets.n_banzhaf, item.sets.rows.get("shapley", slice(0)).stop) for item in items]
    return [
        fit_product_shapley(
            item.masks[:rows],
            item.embeddings[:rows],
            item.empty,
            item.full,
            options=ShapleyOptions(item.sets.n_banzhaf, item.sets.p, item.sets.enumerated),
        )
        for item, rows in zip(items, own, strict=True)
    ]


def fit_product_shapley(
    masks: Bool[Tensor, "samples segments"],
    embeddings: Float[Tensor, "samples dim"],
    empty: Float[Tensor, " dim"],
    full: Float[Tensor, " dim"],
    *,
    options: ShapleyOptions,
) -> Effects:
    """Estimate the Shapley values phi of the embedding, by a regression over all rows of a design.

    The inner products of the values of two items are complete: they sum to the mixed difference f(1,1) -
    f(0,1) - f(1,0) + f(0,0), exactly, because the values of an item sum to ``full - empty`` by construction.
    What is free is regressed with weights that turn the design's sizes into the Shapley kernel; six smooth
    functions of the size take up what depends on the size alone. As in any regression on random weights a
    small bias remains; it falls faster than the error as masks are added.

    Parameters
    ----------
    masks
        Banzhaf rows, then Shapley rows; True keeps the segment.
    embeddings
        Of the perturbed item, one row per mask; the algebra is in double precision, results have this dtype.
    empty, full
        Embeddings of the empty and of the whole item.
    options
        How the rows were drawn.

    Returns
    -------
    Effects
        ``intercept`` is the empty embedding, so that ``intercept + sum(effects) = full``. ``mean`` is the
        mean embedding over coalitions whose size is uniform on 0 ... n, the law under which Shapley values
        average: the main effect of a segment is its Shapley value in the game averaged over the other item.
        ``error`` is None, of an enumerated item zero; ``halves`` hold the values from each half of the
        complement pairs (None if a half cannot identify them). ``spread`` is None.

    Raises
    ------
    RankDeficientError
        If the masks cannot identify the values; the message says how many are needed.
    InputError
        If an enumeration does not have all coalitions, or ``n_banzhaf`` is not within the rows.

    References
    ----------
    .. [1] Shapley, L. S. (1953). A value for n-person games. Contributions to the Theory of Games II,
       307-317. https://doi.org/10.1515/9781400881970-018
    .. [2] Lundberg, S. M. and Lee, S.-I. (2017). A unified approach to interpreting model predictions.
       NeurIPS 30. https://arxiv.org/abs/1705.07874
    """
    samples, segments = masks.shape
    if not 0 <= options.n_banzhaf <= samples:
        raise InputError(f"n_banzhaf must be within 0 ... {samples}, got {options.n_banzhaf}.")
    doubles, ends = embeddings.double(), torch.stack([empty, full]).double()
    if options.enumerated:
        fit = _exact(masks, doubles)
        halves = None
    elif segments == 1:
        fit = _Values(ends[1:] - ends[:1], ends.mean(dim=0), 1, 1.0)
        halves = None
    else:
        design = _Design(masks, options)
        fit = design.regress(doubles, ends, torch.ones_like(masks[:, 0]))
        halves = design.halves(doubles, ends)
    dtype = embeddings.dtype
    no_error = low_rank_covariance(embeddings.new_zeros(1, embeddings.shape[1]), options.error_rank)
    is_exact = options.enumerated or segments == 1
    return Effects(
        effects=fit.values.to(dtype),
        mean=fit.mean.to(dtype),
        intercept=empty,
        empty=empty,
        full=full,
        error=no_error if is_exact else None,
        error_scale=embeddings.new_zeros(segments),
        degrees=None,
        spread=None,
        halves=None if halves is None else halves.to(dtype),
        sampled=not is_exact,
        rank=fit.rank,
        condition=fit.condition,
        n_masks=samples,
    )


def _exact(masks: Bool[Tensor, "samples segments"], embeddings: Float[Tensor, "samples dim"]) -> _Values:
    samples, segments = masks.shape
    if samples != 2**segments:
        raise InputError(f"an enumeration of {segments} segments has {2**segments} masks, got {samples}.")
    sizes = masks.sum(dim=1)
    # A coalition of size s is as likely as its size (1 / (n + 1)) over the number of its kind.
    counts = torch.tensor([math.comb(segments, size) for size in range(segments + 1)], device=masks.device)
    share = 1.0 / ((segments + 1) * counts[sizes].double())
    # s!(n-s-1)!/n! before a segment joins, (s-1)!(n-s)!/n! after, in terms of that share.
    joined = share * (segments + 1) / sizes.clamp(min=1)
    absent = share * (segments + 1) / (segments - sizes).clamp(min=1)
    operator = torch.where(masks, joined[:, None], -absent[:, None])
    return _Values(operator.mT @ embeddings, share @ embeddings, segments, 1.0)


class _Design:
    """The weighted regression of one design: all of it that does not depend on the embeddings."""

    def __init__(self, masks: Bool[Tensor, "samples segments"], options: ShapleyOptions) -> None:
        samples, segments = masks.shape
        budget = SizeBudget(options.n_banzhaf, samples - options.n_banzhaf, options.p)
        self._masks = masks
        self._n_banzhaf = options.n_banzhaf
        self._sizes = masks.sum(dim=1)
        self._inside = (self._sizes > 0) & (self._sizes < segments)
        ratio = shapley_kernel(segments) / size_mixture(segments, budget)
        self._weights = torch.as_tensor(ratio, device=masks.device)
        self._terms = torch.as_tensor(_size_terms(segments), device=masks.device)
        self._contrasts = torch.as_tensor(_sum_zero_basis(segments), device=masks.device)

    def regress(
        self,
        embeddings: Float[Tensor, "samples dim"],
        ends: Float[Tensor, "2 dim"],
        chosen: Bool[Tensor, " samples"],
    ) -> _Values:
        """Shapley values from the chosen rows."""
        rows = chosen & self._inside
        segments = self._masks.shape[1]
        at = self._sizes[rows] - 1
        root = self._weights[at].sqrt()[:, None]
        columns = root * (self._masks[rows].double() @ self._contrasts)
        sizes = root * self._terms[at]
        targets = root * embeddings[rows]
        if not len(sizes):
            raise _too_few(0, segments)
        # Hadamard rows of 8 segments may have three sizes in all: then fewer terms say all that sizes can.
        basis, strengths, terms = torch.linalg.svd(sizes, full_matrices=False)
        known = strengths > 1e-10 * strengths[0]
        basis, strengths, terms = basis[:, known], strengths[known], terms[known]
        residual_columns = columns - basis @ (basis.mT @ columns)
        gram = residual_columns.mT @ residual_columns
        eigenvalues = torch.linalg.eigvalsh(gram)
        if bool(eigenvalues[0] <= eigenvalues[-1] * len(columns) * torch.finfo(gram.dtype).eps):
            raise _too_few(int(rows.sum()), segments)
        slopes = torch.linalg.solve(gram, residual_columns.mT @ targets)
        by_size = terms.mT @ (basis.mT @ (targets - columns @ slopes) / strengths[:, None])
        values = (ends[1] - ends[0]) / segments + self._contrasts @ slopes
        mean = (ends.sum(dim=0) + (self._terms @ by_size).sum(dim=0)) / (segments + 1)
        return _Values(values, mean, segments, float((eigenvalues[-1] / eigenvalues[0]).sqrt()))

    def halves(
        self, embeddings: Float[Tensor, "samples dim"], ends: Float[Tensor, "2 dim"]
    ) -> Float[Tensor, "2 segments dim"] | None:
        """Shapley values from each half of the complement pairs; None where a half cannot identify them."""
        first = torch.from_numpy(_first_half(len(self._masks), self._masks.shape[1], self._n_banzhaf)).to(
            self._masks.device
        )
        try:
            return torch.stack([self.regress(embeddings, ends, half).values for half in (first, ~first)])
        except RankDeficientError:
            return None


def _too_few(rows: int, segments: int) -> RankDeficientError:
    return RankDeficientError(
        f"{rows} masks between nothing and everything cannot identify the Shapley values of {segments} "
        f"segments: at least {segments + 5} of different sizes are needed, and {3 * segments + 16} make it "
        "likely that they suffice."
    )


def _size_terms(segments: int) -> Float[np.ndarray, "sizes terms"]:
    """Orthonormal functions on the sizes 1 ... n - 1 that span 1, t, t^2, t^3, 1/s and 1/(n - s)."""
    sizes = np.arange(1, segments)
    centred = 2.0 * sizes / segments - 1.0
    terms = np.stack(
        [centred**0, centred, centred**2, centred**3, 1.0 / sizes, 1.0 / (segments - sizes)], axis=1
    )
    basis, strengths, _ = np.linalg.svd(terms, full_matrices=False)
    # Few sizes make the functions collinear: keep the directions that exist.
    return basis[:, strengths > 1e-10 * strengths[0]]


def _sum_zero_basis(segments: int) -> Float[np.ndarray, "segments contrasts"]:
    """Orthonormal columns that each sum to zero (Helmert)."""
    columns = np.arange(1, segments)
    rows = np.arange(segments)[:, None]
    unscaled = np.where(rows < columns, 1.0, np.where(rows == columns, -columns, 0.0))
    return unscaled / np.sqrt(columns * (columns + 1.0))


def _first_half(samples: int, segments: int, n_banzhaf: int) -> Bool[np.ndarray, " samples"]:
    # Whole Hadamard blocks go to one half while an even number of them lasts: every second row of a block
    # would make columns equal. The rest of the Banzhaf pairs is dealt at random, with a fixed seed because
    # the halves belong to the design. The Shapley pairs stand in order of their sizes and are dealt in turn.
    order = block_order(segments)
    row = np.arange(samples)
    block, inside = np.divmod(row, 2 * order)
    n_blocks = -(-n_banzhaf // (2 * order))
    dealt = np.random.default_rng(0).permutation(order) % 2 == 0
    in_last = (n_blocks % 2 == 1) & (block == n_blocks - 1)
    banzhaf = np.where(in_last, dealt[inside % order], block % 2 == 0)
    n_pairs = max((samples - n_banzhaf) // 2, 1)
    shapley = (row - n_banzhaf) % n_pairs % 2 == 0
    return np.where(row < n_banzhaf, banzhaf, shapley)
