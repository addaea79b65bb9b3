"""Samples of pairs: seeded, nested, each relation in its share."""

from collections import Counter

import pytest

from tasks.stages.pair_sample import drawing_order

PAIRS = [(f"p{n:03d}", "positive" if n % 10 else "hard_negative") for n in range(200)]


def test_every_pair_is_drawn_once_whatever_order_they_come_in():
    order = drawing_order(PAIRS, seed=0)
    assert sorted(order) == [name for name, _ in PAIRS]
    assert drawing_order(PAIRS[::-1], seed=0) == order


@pytest.mark.parametrize("size", [10, 30, 50, 120])
def test_a_sample_holds_each_relation_in_its_share(size):
    relation = dict(PAIRS)
    counts = Counter(relation[name] for name in drawing_order(PAIRS, seed=3)[:size])
    assert abs(counts["hard_negative"] - size / 10) <= 1


def test_a_relation_is_drawn_from_as_if_it_were_alone():
    alone = drawing_order([(name, kind) for name, kind in PAIRS if kind == "hard_negative"], seed=5)
    relation = dict(PAIRS)
    assert [name for name in drawing_order(PAIRS, seed=5) if relation[name] == "hard_negative"] == alone


def test_another_seed_draws_others():
    assert drawing_order(PAIRS, seed=0)[:20] != drawing_order(PAIRS, seed=1)[:20]
