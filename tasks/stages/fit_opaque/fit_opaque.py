"""Stage fit-opaque: sampled pairs, each explained from scores of its own."""

from functools import partial

from ilime_core.errors import ItemError
from ilime_core.opaque.registry import PAIR_ESTIMATORS
from ilime_core.pair_records import PairSurrogate
from tasks.process.models import device_lock
from tasks.run_files.commits import Failure
from tasks.run_files.match_plan import OpaqueBlock, OpaquePair, match_plan
from tasks.run_files.plan import OpenRun, open_run_plan
from tasks.spec.core_options import pair_rng
from tasks.spec.estimator_kinds import pair_estimators
from tasks.stages.block_report import BlockReport
from tasks.stages.fit_opaque.embedded_games import EmbeddedGames
from tasks.stages.fit_opaque.pair_games import PairGames, ScoredGames
from tasks.stages.fit_opaque.tables import opaque_tables
from tasks.stages.match.opaque_blocks import STAGE
from tasks.stages.progress import report_progress
from tasks.stages.run_block import BlockResult, run_block

__all__ = ["fit_opaque_block"]


def fit_opaque_block(root: str, run_id: str, block: int) -> BlockReport:
    """Explain the sampled pairs of one block.

    Parameters
    ----------
    root
        Folder or URL of the storage.
    run_id
        Id of the run.
    block
        Number of the block within its stage.

    Returns
    -------
    BlockReport
        Rows and counts of the committed block.
    """
    run = open_run_plan(root, run_id)
    planned = match_plan(run).opaque_blocks[block]
    return run_block(run, STAGE, block, partial(_fit, run, planned))


def _fit(run: OpenRun, planned: OpaqueBlock) -> BlockResult:
    parameters = run.plan.parameters
    reads_embeddings = parameters.opaque.reads_embeddings
    failures: list[Failure] = []
    explained: list[tuple[str, list[PairSurrogate]]] = []
    with device_lock(run.plan.model.device):
        games: PairGames = (EmbeddedGames if reads_embeddings else ScoredGames)(run, planned)
        for pair in planned.pairs:
            if pair.left_id in games.items and pair.right_id in games.items:
                found = _explain(run, games, pair)
                if isinstance(found, Failure):
                    failures.append(found)
                else:
                    explained.append((pair.pair_id, found))
            report_progress(STAGE, 1, "pairs")
    stages = ("segment", "score") if reads_embeddings else ("segment",)
    return BlockResult(
        opaque_tables(pair_estimators(parameters), explained),
        games.cost,
        inputs=tuple(commit.digest for stage in stages for commit in run.commits(stage, planned.reads)),
        failures=tuple(failures),
    )


def _explain(run: OpenRun, games: PairGames, pair: OpaquePair) -> list[PairSurrogate] | Failure:
    """Surrogate of every estimator; they start from the same random numbers and share scores."""
    left, right = games.items[pair.left_id], games.items[pair.right_id]
    try:
        game, options = games.game(pair)
        return [
            PAIR_ESTIMATORS[name].make(
                game, options, pair_rng(run.plan.parameters.seed, left.sha256, right.sha256)
            )
            for name in pair_estimators(run.plan.parameters)
        ]
    except ItemError as error:
        message = f"pair {pair.pair_id}: {error}"
        return Failure(STAGE, left.entry, left.item_id, error.reason.value, message, left.uri)
