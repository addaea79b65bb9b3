"""Questions about planted towers, and searches answered by them."""

import pytest
import torch

from ilime_core.selection.lockstep import EncodedRows, ItemSearch, run_searches
from ilime_core.selection.question import SubsetQuestion


class Planted:
    """Asks a tower and counts; levels are given to towers that take gates."""

    def __init__(self, tower, pool, *, answer=0, **settings):
        self.tower = tower
        self.question = SubsetQuestion(
            tower.n_segments,
            tower.empty,
            tower.full,
            pool[answer],
            torch.cat([pool[:answer], pool[answer + 1 :]]),
            pool,
            **settings,
        )

    def run(self, *selections):
        found = run_searches(
            {place: ItemSearch("i", one.search(self.question)) for place, one in enumerate(selections)},
            {"i": EncodedRows(self.tower.empty, self.tower.full)},
            self.encode,
        )
        return found[0] if len(selections) == 1 else [found[place] for place in range(len(selections))]

    def encode(self, wanted):
        rows = {name: torch.from_numpy(one.masks).double() for name, one in wanted.items()}
        levels = {name: torch.from_numpy(one.levels)[:, None] for name, one in wanted.items()}
        self.tower.n_encoded += sum(len(one) for one in rows.values())
        return {name: self.tower._embed(one + levels[name] * (1 - one)) for name, one in rows.items()}


@pytest.fixture
def planted():
    return Planted
