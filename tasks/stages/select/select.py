"""Stage select: subsets of segments of sampled pairs; may run later, again, differently."""

from collections.abc import Mapping
from functools import partial

from ilime_core.encoding.stopwatch import TimedEncoder
from ilime_core.modality import Modality
from ilime_core.protocols.white_box import GatedTexts
from ilime_core.selection.lockstep import EncodedRows, ItemSearch, run_searches
from ilime_core.selection.question import SubsetQuestion
from tasks.process.models import device_lock, encoder_of
from tasks.run_files.plan import OpenRun, open_run_plan
from tasks.spec.core_options import selection_of
from tasks.stages.block_report import BlockReport
from tasks.stages.run_block import BlockResult, run_block
from tasks.stages.score.perturb import StagePlace
from tasks.stages.select.inputs import Asked, SelectInputs
from tasks.stages.select.plan import SelectPlan, select_plan
from tasks.stages.select.rank_effects import asks_first, rank_effect_table
from tasks.stages.select.rows import encode_requests
from tasks.stages.select.tables import Found, selection_curve_table, selection_table
from tasks.tables.counts import Counts

__all__ = ["select_block"]

_Key = tuple[Asked, str]


def select_block(selection_id: str, root: str, run_id: str, block: int) -> BlockReport:
    """Search the pairs of one block.

    Parameters
    ----------
    selection_id
        Id of the selection.
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
    plan = select_plan(run, selection_id)
    return run_block(run, plan.stage, block, partial(_select, run, plan, block))


def _select(run: OpenRun, plan: SelectPlan, block: int) -> BlockResult:
    encoder = TimedEncoder(encoder_of(run))
    gated = isinstance(encoder_of(run).text, GatedTexts)
    inputs = SelectInputs(run, plan.parameters, plan.blocks[block].pair_ids, gated=gated)
    known = inputs.known()
    questions = {asked: inputs.question(asked) for asked in inputs.asked}
    encode = partial(encode_requests, StagePlace(run, plan.stage, inputs.blocks), encoder, inputs.items)
    with device_lock(encoder.device):
        selections = run_searches(_searches(run, plan, questions), known, encode)
    found = [
        Found(asked, method, one, questions[asked], inputs.pool(asked).ids)
        for (asked, method), one in selections.items()
    ]
    return BlockResult(
        {
            "selections": selection_table(run, plan, found),
            "selection_curves": selection_curve_table(run, plan, found),
            "rank_effects": rank_effect_table(run, plan, found),
        },
        _encodes(inputs, known, encoder.seconds),
        inputs=tuple(commit.digest for commit in run.commits("summarise", [0])),
    )


def _searches(
    run: OpenRun, plan: SelectPlan, questions: Mapping[Asked, SubsetQuestion]
) -> dict[_Key, ItemSearch]:
    return {
        (asked, method): ItemSearch(asked.item_id, selection_of(plan.parameters, method).search(question))
        for asked, question in questions.items()
        for method in plan.parameters.methods
        if method != "ranks" or asks_first(run, plan, asked)
    }


def _encodes(inputs: SelectInputs, known: Mapping[str, EncodedRows], seconds: float) -> Counts:
    images = sum(
        rows.n_encodes for name, rows in known.items() if inputs.items[name].modality == Modality.IMAGE.value
    )
    texts = sum(rows.n_encodes for rows in known.values()) - images
    return Counts(images, texts, encoder_seconds=seconds)
