"""Segments in the order in which they make a small picture stand for the whole one."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ilime_core.errors import InputError
from ilime_core.selection.question import SubsetQuestion
from ilime_core.selection.registry import SelectionOptions
from ilime_core.selection.search import Search, Selection, SelectionStep, coalitions
from ilime_core.selection.submodular import SubsetScore, confidence, effectiveness, region_distances

__all__ = ["SubsetOrder", "make_smdl"]


@dataclass(frozen=True, slots=True)
class SubsetOrder:
    """Greedy maximisation of the subset score: one segment a step, whichever adds most.

    Each step encodes, for every segment left, the subset with it alone kept and the rest without it: n(n + 1)
    encodes in all when every segment is ordered. Of equal segments the lowest is taken.

    Attributes
    ----------
    weights
        Of confidence, effectiveness, consistency and collaboration. Published scripts differ: (1, 1, 1, 1),
        (0, .05, 1, 1), (0, 1, 1, 10).
    scale
        Factor of the scores in the softmax of confidence.
    most
        Segments to order; None for all.

    Raises
    ------
    InputError
        If no weight is positive or one is negative, the scale is not positive, or no segment is wanted.

    References
    ----------
    .. [1] R. Chen, H. Zhang, S. Liang, J. Li, X. Cao, "Less is more: fewer interpretable region via
       submodular subset selection", ICLR 2024, arXiv:2402.09164 (algorithm 1).
    """

    weights: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
    scale: float = 100.0
    most: int | None = None

    def __post_init__(self) -> None:
        if min(self.weights) < 0 or max(self.weights) <= 0:
            raise InputError(f"weights must not be negative and one must be positive, got {self.weights}.")
        if self.scale <= 0:
            raise InputError(f"the scale of scores must be positive, got {self.scale}.")
        if self.most is not None and self.most < 1:
            raise InputError(f"at least 1 segment must be ordered, got {self.most}.")

    def most_encodes(self, n_segments: int) -> int:
        """Most distinct coalitions of an item that the search can ask for."""
        steps = self._steps(n_segments)
        return min(steps * (2 * n_segments - steps + 1), 2**n_segments - 2)

    def search(self, question: SubsetQuestion) -> Search:
        """Order the segments; step 0 is the state with nothing kept."""
        n = question.n_segments
        before = question.first()
        chosen = np.zeros(n, dtype=bool)
        distances: Tensor | None = None
        steps = [self._step(question, before, None, self._start(question), 0)]
        for _ in range(self._steps(n)):
            left = np.flatnonzero(~chosen)
            kept = np.repeat(chosen[None], len(left), axis=0)
            kept[np.arange(len(left)), left] = True
            answer = yield coalitions(np.concatenate([kept, ~kept]))
            alone, without = answer.embeddings.split(len(left))
            if distances is None:
                distances = region_distances(alone)
            parts = self._parts(question, distances, kept, (alone, without))
            best = int(np.argmax(parts[:, 0].numpy()))
            chosen[left[best]] = True
            state = (alone[best], SubsetScore(*parts[best].tolist()))
            steps.append(self._step(question, before, int(left[best]), state, answer.n_encodes))
        return Selection(before, tuple(steps))

    def _steps(self, n_segments: int) -> int:
        return n_segments if self.most is None else min(self.most, n_segments)

    def _start(self, question: SubsetQuestion) -> tuple[Tensor, SubsetScore]:
        nothing = np.zeros((1, question.n_segments), dtype=bool)
        distances = question.full.new_zeros((question.n_segments, question.n_segments), dtype=torch.float64)
        parts = self._parts(question, distances, nothing, (question.empty[None], question.full[None]))
        return question.empty, SubsetScore(*parts[0].tolist())

    def _parts(
        self,
        question: SubsetQuestion,
        distances: Float[Tensor, "segments segments"],
        kept: Bool[np.ndarray, "rows segments"],
        embeddings: tuple[Tensor, Tensor],
    ) -> Float[Tensor, "rows 5"]:
        """Weighted sum and parts of each subset, on the processor, from it kept alone and it removed."""
        alone, without = (one.double() for one in embeddings)
        answer = question.answer.double()
        candidates = torch.cat([question.answer[None], question.rivals]).double()
        parts = torch.stack(
            [
                confidence(alone, candidates, self.scale),
                effectiveness(distances, torch.from_numpy(kept).to(distances.device)),
                alone @ answer,
                1 - without @ answer,
            ],
            dim=1,
        )
        total = parts @ torch.tensor(self.weights, dtype=torch.float64, device=parts.device)
        return torch.cat([total[:, None], parts], dim=1).cpu()

    @staticmethod
    def _step(
        question: SubsetQuestion,
        before: int,
        segment: int | None,
        state: tuple[Tensor, SubsetScore],
        n_encodes: int,
    ) -> SelectionStep:
        embedding, parts = state
        [lead] = question.leads(embedding[None], before)
        return SelectionStep(segment, parts.consistency, lead.margin, lead.top, parts, n_encodes)


def make_smdl(options: SelectionOptions) -> SubsetOrder:
    """Return the selection with its settings."""
    return SubsetOrder(options.weights, options.scale, options.most_ordered)
