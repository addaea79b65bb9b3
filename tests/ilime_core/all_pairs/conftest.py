"""Small benchmarks of ragged items, and every pair of them by explicit loops."""

import numpy as np
import pytest
import torch

from ilime_core.all_pairs.pair_slices import PairSlices
from ilime_core.all_pairs.ragged_effects import RaggedEffects
from ilime_core.all_pairs.relations import PairRelations

DIM = 5
LEFT_SIZES, RIGHT_SIZES = (4, 1, 3, 4, 2, 4, 3), (2, 3, 1, 2, 5, 3, 2, 2, 1)
POSITIVES = [(0, 0), (0, 3), (2, 5), (4, 1), (6, 8), (3, 3)]
EXCLUDED = [(1, 1), (5, 0)]


class Whole:
    """All W of a benchmark of random items, and what loops over them find."""

    def __init__(self, seed=0, positives=POSITIVES, excluded=EXCLUDED):
        rng = np.random.default_rng(seed)
        self.a = [rng.normal(size=(n, DIM)) for n in LEFT_SIZES]
        self.b = [rng.normal(size=(m, DIM)) * 0.1 for m in RIGHT_SIZES]
        self.left_tags = [{"kind": "xyz"[one]} if one < 3 else {} for one in rng.integers(0, 4, len(self.a))]
        self.right_tags = [
            {"kind": "yz"[one], "long": str(bool(length))}
            for one, length in rng.integers(0, 2, (len(self.b), 2))
        ]
        self.positives, self.excluded = list(positives), list(excluded)
        self.pairs = [
            (x, y) for x in range(len(self.a)) for y in range(len(self.b)) if (x, y) not in self.excluded
        ]

    def w(self, x, y):
        return self.a[x] @ self.b[y].T

    @property
    def relations(self):
        sides = (self.positives, self.excluded)
        return PairRelations(*(np.array(pairs, dtype=np.int64).reshape(-1, 2) for pairs in sides))

    @property
    def slices(self):
        return PairSlices.of(self.left_tags, self.right_tags, 9)

    def left(self, items=None):
        return self._side(self.a, items)

    def right(self, items=None):
        return self._side(self.b, items)

    def _side(self, effects, items):
        chosen = np.arange(len(effects)) if items is None else np.asarray(items)
        return RaggedEffects(
            torch.from_numpy(np.concatenate([effects[place] for place in chosen])),
            np.array([len(effects[place]) for place in chosen]),
            chosen,
        )


@pytest.fixture
def whole():
    return Whole()


@pytest.fixture
def make_whole():
    return Whole
