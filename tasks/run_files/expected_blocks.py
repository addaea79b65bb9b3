"""Blocks that a run needs, as far as its plans have fixed them."""

import re

from pydantic import BaseModel

from ilime_core.errors import InputError
from tasks.run_files.damage import DamageError
from tasks.run_files.match_plan import BLOCKS, match_plan
from tasks.run_files.naming import commit_key, plan_folder, plan_key
from tasks.run_files.plan import OpenRun, open_run_plan
from tasks.run_files.plan_files import read_plan_file

__all__ = ["expected_blocks", "known_blocks", "sampled_blocks"]

_SAMPLE = re.compile(r"(selection-)?(m[0-9a-f]{12})\.json")
"""Name of the plan of a measurement or a selection."""


def expected_blocks(run: OpenRun) -> dict[str, list[int]]:
    """Blocks by stage, in the order of the stages; those after match are known once it is committed."""
    expected = {"embed": [block.block for block in run.plan.embed_blocks], "match": [0]}
    if run.storage.exists(plan_key(run.run_id, BLOCKS)):
        plan = match_plan(run)
        items = [block.block for block in plan.item_blocks]
        expected |= {"segment": items, "score": items, "fit": [block.block for block in plan.pair_blocks]}
        if plan.opaque_blocks:
            expected["fit-opaque"] = [block.block for block in plan.opaque_blocks]
        if plan.sweep_tiles:
            expected |= {"sweep": [tile.block for tile in plan.sweep_tiles], "gather": [0]}
    return expected | {"summarise": [0], "finish": [0]}


class _Block(BaseModel):
    """Block of a measurement's or selection's plan; its pairs are not read."""

    block: int


class _Sample(BaseModel):
    """Plan of a measurement or a selection, as far as blocks go."""

    blocks: tuple[_Block, ...]


def sampled_blocks(run: OpenRun) -> dict[str, list[int]]:
    """Blocks of every measurement and selection whose plan is frozen, and of the ranking of measurements.

    Parameters
    ----------
    run
        Opened plan of the run.

    Returns
    -------
    dict of str to list of int
        Block numbers by stage, in the order in which the plans were made.
    """
    found: dict[str, list[int]] = {}
    for file in sorted(run.storage.list(plan_folder(run.run_id)), key=lambda one: one.modified):
        name = _SAMPLE.fullmatch(file.key.rpartition("/")[2])
        if name is None:
            continue
        plan, _ = read_plan_file(run.storage, run.run_id, name[0], _Sample)
        kind = "select" if name[1] else "measure"
        found[f"{kind}-{name[2]}"] = [one.block for one in plan.blocks]
        if kind == "measure":
            found[f"rank-{name[2]}"] = [0]
    return found


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
