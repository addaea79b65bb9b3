"""Which blocks a run needs, as far as its plans have fixed them."""

from tasks.match_plan import BLOCKS, match_plan
from tasks.naming import plan_key
from tasks.plan import OpenRun

__all__ = ["expected_blocks"]


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
