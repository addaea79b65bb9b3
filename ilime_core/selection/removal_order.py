"""Order of removal after which another candidate wins, as far as effects can tell."""

import numpy as np
from jaxtyping import Float, Int64
from torch import Tensor

from ilime_core.selection.question import SubsetQuestion

__all__ = ["removal_order"]

_RIVALS = 50
"""Best candidates behind the first that are considered: one far behind does not win first."""


def removal_order(question: SubsetQuestion, place: int, most: int) -> Int64[np.ndarray, " order"]:
    """Segments whose removal should let a rival pass the candidate at ``place``, first the most harmful.

    Removing segment i is expected to cost the lead over a rival ``<A_i, h - h_rival>``. The rival is the one
    that needs the fewest removals; where none is expected to win, the one that comes nearest. No encodes.

    Parameters
    ----------
    question
        Read are its full embedding, its pool and its effects.
    place
        Position of the candidate in the pool.
    most
        Segments that may be removed.

    Returns
    -------
    Int array, order
        At most ``most`` segments; none where no effects are known or there is no rival.
    """
    scores = question.pool_scores(question.full[None])[0]
    n_rivals = min(_RIVALS, len(scores) - 1 - (question.own_place is not None))
    if question.effects is None or n_rivals < 1:
        return np.zeros(0, dtype=np.int64)
    own = scores[place].clone()
    scores[place] = -np.inf
    rivals = scores.topk(n_rivals)
    drops = _drops(question, place, rivals.indices)
    # Stable, so that of equal segments the lowest goes first.
    orders = np.argsort(-drops, axis=0, kind="stable")[:most]
    removed = np.cumsum(np.take_along_axis(drops, orders, axis=0), axis=0)
    left = (own - rivals.values).cpu().numpy()[None] - removed
    winning = (left < 0).any(axis=1)
    step = int(winning.argmax()) if winning.any() else len(orders) - 1
    return orders[:, int(left[step].argmin())].astype(np.int64)


def _drops(question: SubsetQuestion, place: int, rivals: Tensor) -> Float[np.ndarray, "segments rivals"]:
    pool = question.pool.double()
    effects = question.effects
    if effects is None:
        return np.zeros((question.n_segments, len(rivals)))
    return (effects.double() @ (pool[place] - pool[rivals]).T).cpu().numpy()
