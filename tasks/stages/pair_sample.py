"""Sampling order of pairs: what is measured, searched and scored one by one."""

from collections import defaultdict
from collections.abc import Iterable

from ilime_core.draws import named_uniform

__all__ = ["drawing_order"]


def drawing_order(pairs: Iterable[tuple[str, str]], seed: int) -> list[str]:
    """Ids of pairs in the order in which they are drawn; the first n are a sample of n.

    Parameters
    ----------
    pairs
        Id and relation of each.

    Returns
    -------
    list of str
        Every relation is spread evenly over the order, whose beginning therefore holds each of them in its
        share of all pairs; within a relation a seeded number of the pair decides. A larger sample contains a
        smaller one, and samples of several kinds contain each other.
    """
    strata: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for pair_id, relation in pairs:
        strata[relation].append((named_uniform(seed, "measure", pair_id), pair_id))
    places = [
        ((place + 0.5) / len(drawn), relation, pair_id)
        for relation, drawn in strata.items()
        for place, (_, pair_id) in enumerate(sorted(drawn))
    ]
    return [pair_id for _, _, pair_id in sorted(places)]
