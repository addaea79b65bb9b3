"""Accuracy of a model on correct and wrong captions of generated scenes."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from training.matching_batches import MatchingBatch

__all__ = ["PairScores", "ToldApart", "reranked_recall", "told_apart"]

PairScores = Callable[[Int[Tensor, " pairs"], Int[Tensor, " pairs"]], Float[Tensor, " pairs"]]
"""Scores of pairs (place of the one side, place of the other)."""


@dataclass(frozen=True, slots=True)
class ToldApart:
    """Shares of scenes; chance is one half, for ``twins_both`` one in six.

    Attributes
    ----------
    twin
        The own caption scores above the caption of the twin, which differs in one binding or relation.
    twins_both
        So it is for both of two twins, and each caption prefers its own picture too.
    one_word
        The own caption scores above the same with one word wrong.
    exchanged
        The own caption scores above the same with a property of two objects exchanged.
    right
        Own captions that score above 0, and captions with one word wrong that score below: for logits.
    """

    twin: float
    twins_both: float
    one_word: float
    exchanged: float
    right: float


def told_apart(score: PairScores, batch: MatchingBatch) -> ToldApart:
    """Measure a model on scenes with twins.

    Parameters
    ----------
    score
        Scores of (scene, caption) by their places in ``batch``.
    batch
        Scenes whose twin's caption is true of them are omitted where twins are compared.

    Returns
    -------
    ToldApart
        Shares in [0, 1].
    """
    scenes = torch.arange(len(batch.pixels))
    twins = torch.from_numpy(batch.twin_of)
    own, of_twin = score(scenes, scenes), score(scenes, twins)
    one_word, mixed = score(scenes, scenes + len(scenes)), score(scenes, scenes + 2 * len(scenes))
    told = ~torch.from_numpy(batch.is_true)[scenes, twins]
    told &= told[twins]
    text, image = own > of_twin, own > of_twin[twins]
    both = text & text[twins] & image & image[twins]
    right = ((own > 0).double().mean() + (one_word < 0).double().mean()) / 2.0
    return ToldApart(
        twin=_share(text[told]),
        twins_both=_share(both[told]),
        one_word=_share(own > one_word),
        exchanged=_share(own > mixed),
        right=float(right),
    )


def reranked_recall(
    scores: Float[Tensor, "queries candidates"], rescore: PairScores | None, n_first: int = 10
) -> float:
    """Share of queries whose own candidate, at the same place, comes first.

    Parameters
    ----------
    scores
        By which the first candidates are found.
    rescore
        Scores pairs (query, candidate) anew; None leaves the order as it is.
    n_first
        Candidates of each query that are scored anew.

    Returns
    -------
    float
        In [0, 1].
    """
    own = torch.arange(len(scores), device=scores.device)
    if rescore is None:
        return _share(scores.argmax(1) == own)
    first = scores.topk(n_first, dim=1).indices
    anew = rescore(own.repeat_interleave(n_first), first.flatten()).view(first.shape)
    best = first.gather(1, anew.argmax(1, keepdim=True))[:, 0]
    return _share(best == own)


def _share(flags: Tensor) -> float:
    return float(flags.double().mean())
