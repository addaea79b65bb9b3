"""Games of sampled pairs: sources of the scores that estimators need."""

from collections.abc import Mapping
from typing import Protocol

from ilime_core.modality import Modality
from ilime_core.opaque.scored_game import MaskedViews, ScoredPairGame
from ilime_core.pair_records import PairFitOptions
from ilime_core.protocols.pairs import PairGame
from tasks.process.scorers import scorer_of
from tasks.run_files.match_plan import OpaqueBlock, OpaquePair
from tasks.run_files.plan import OpenRun
from tasks.runs.items import Item, read_items
from tasks.spec.core_options import pair_options
from tasks.stages.fit_opaque.pair_inputs import masked_texts, masked_views
from tasks.stages.match.opaque_blocks import STAGE
from tasks.stages.score.perturb import StagePlace, segment_counts
from tasks.tables.counts import Counts

__all__ = ["PairGames", "ScoredGames", "block_items"]


class PairGames(Protocol):
    """Games of the pairs of one block."""

    def game(self, pair: OpaquePair) -> tuple[PairGame, PairFitOptions]:
        """Game of a pair, and the options of its estimators.

        Raises
        ------
        ItemError
            If an item of the pair cannot be used.
        """
        ...

    @property
    def items(self) -> Mapping[str, Item]:
        """Items of the block that have segments; pairs of others cannot be explained."""
        ...

    @property
    def cost(self) -> Counts:
        """Encodes and scores of all games so far."""
        ...


def block_items(run: OpenRun, planned: OpaqueBlock) -> tuple[dict[str, Item], dict[str, int]]:
    """Items of a block that could be cut, and their segments.

    Parameters
    ----------
    run
        Opened plan of the run.
    planned
        Block of sampled pairs.

    Returns
    -------
    tuple[dict[str, Item], dict[str, int]]
        Items and their numbers of segments, by item id.
    """
    ids = sorted({name for pair in planned.pairs for name in (pair.left_id, pair.right_id)})
    counts = segment_counts(run, planned.reads, ids)
    items = read_items(run, ids)
    return {name: items[name] for name in counts}, counts


class ScoredGames:
    """Games whose scores a model of both items gives; see `PairGames`."""

    def __init__(self, run: OpenRun, planned: OpaqueBlock) -> None:
        self._run = run
        self._place = StagePlace(run, STAGE, planned.reads)
        self._scorer = scorer_of(run)
        self.items, self._counts = block_items(run, planned)
        texts = [item for item in self.items.values() if item.modality == Modality.TEXT]
        self._texts = masked_texts(self._place, self._scorer, texts)
        self._views: tuple[str, MaskedViews] | None = None
        self._games: list[ScoredPairGame] = []

    def game(self, pair: OpaquePair) -> tuple[PairGame, PairFitOptions]:
        """See `PairGames`."""
        if self._views is None or self._views[0] != pair.left_id:  # neighbours share their image
            views = masked_views(self._place, self._scorer, self.items[pair.left_id])
            self._views = pair.left_id, views
        parameters = self._run.plan.parameters
        game = ScoredPairGame(
            self._scorer,
            self._views[1],
            self._texts[pair.right_id],
            shape=(self._counts[pair.left_id], self._counts[pair.right_id]),
            batch_size=parameters.blocks.image_batch,
        )
        self._games.append(game)
        return game, pair_options(parameters)

    @property
    def cost(self) -> Counts:
        """See `PairGames`."""
        return Counts(scores=sum(game.n_scored for game in self._games))
