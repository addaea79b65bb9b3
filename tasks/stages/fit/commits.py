"""Commits that hold the fits of pairs: blocks of all pairs, and blocks of the sampled pairs."""

from collections.abc import Sequence

from tasks.run_files.commits import Commit
from tasks.run_files.match_plan import match_plan
from tasks.run_files.plan import OpenRun
from tasks.runs.pairs import MatchedPair
from tasks.stages.match.opaque_blocks import STAGE

__all__ = ["fit_commits"]


def fit_commits(run: OpenRun, pairs: Sequence[MatchedPair] | None = None) -> list[Commit]:
    """Records of the blocks that hold the fits of some pairs.

    Parameters
    ----------
    run
        Opened plan of the run.
    pairs
        None is all pairs.

    Returns
    -------
    list of Commit
        Records of fit, then those of fit-opaque.

    Raises
    ------
    InputError
        If one of them is not committed.
    """
    plan = match_plan(run)
    if pairs is None:
        blocks = [block.block for block in plan.pair_blocks]
        opaque = [block.block for block in plan.opaque_blocks]
    else:
        ids = {pair.pair_id for pair in pairs}
        blocks = sorted({pair.block for pair in pairs})
        opaque = [
            block.block for block in plan.opaque_blocks if any(pair.pair_id in ids for pair in block.pairs)
        ]
    return [*run.commits("fit", blocks), *run.commits(STAGE, opaque)]
