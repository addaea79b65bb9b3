"""Blocks that a run needs, as far as its plans have fixed them."""

from ilime_core.errors import InputError
from tasks.run_files.damage import DamageError
from tasks.run_files.match_plan import BLOCKS, match_plan
from tasks.run_files.naming import commit_key, plan_key
from tasks.run_files.plan import OpenRun, open_run_plan

__all__ = ["expected_blocks", "known_blocks"]


def expected_blocks(run: OpenRun) -> dict[str, list[int]]:
    """Blocks by stage, in the order of the stages; those after match are known once it is committed."""
    expected = {"embed": [block.block for block in run.plan.embed_blocks], "match": [0]}
    if run.storage.exists(plan_key(run.run_id, BLOCKS)):
        plan = match_plan(run)
        items = [block.block for block in plan.item_blocks]
        expected |= {"segment": items, "score": items, "fit": [block.block for block in plan.pair_blocks]}
        if plan.opaque_blocks:
            expected["fit-opaque"] = [block.block for block in plan.opaque_blocks]
    return expected | {"summarise": [0], "finish": [0]}


def known_blocks(root: str, run_id: str) -> dict[str, list[int]]:
    """Blocks that a finished run has to hold.

    Parameters
    ----------
    root
        Output.
    run_id
        Id of the run.

    Returns
    -------
    dict of str to list of int
        Block numbers by stage; empty for a run that is unfinished or whose plan is damaged.
    """
    try:
        run = open_run_plan(root, run_id)
        finished = run.storage.exists(commit_key(run_id, "finish", 0))
        return expected_blocks(run) if finished else {}
    except (DamageError, InputError):
        return {}
