"""Pairs of a selection and their blocks; frozen by its first start."""

from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby

from pydantic import BaseModel, ConfigDict

from ilime_core.modality import Modality
from ilime_core.numerics import NUMERICS
from ilime_core.segmentation.word_boundaries import normalise_word, word_spans
from tasks.run_files.naming import measure_id_of, plan_key
from tasks.run_files.plan import OpenRun, digest, open_run_plan
from tasks.run_files.plan_files import create_plan_file, read_plan_file
from tasks.runs.items import read_items
from tasks.runs.pairs import MatchedPair, matched_pairs
from tasks.spec import SelectionParameters
from tasks.spec.core_options import most_selection_encodes
from tasks.stages.match.blocks import TYPICAL_WORDS
from tasks.stages.pair_sample import drawing_order

__all__ = ["SelectBlock", "SelectPlan", "plan_selection", "select_plan", "selects"]


class SelectBlock(BaseModel):
    """Pairs that are searched and committed together."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    block: int
    pair_ids: tuple[str, ...]


class SelectPlan(BaseModel):
    """A selection on a run; another choice of parameters is another selection."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    selection_id: str
    parameters: SelectionParameters
    blocks: tuple[SelectBlock, ...]

    @property
    def stage(self) -> str:
        """Name of its commits."""
        return f"select-{self.selection_id}"


def selects(parameters: SelectionParameters) -> bool:
    """True if a section wants a selection of at least one pair."""
    return bool(parameters.methods and parameters.sample)


def plan_selection(run: OpenRun, parameters: SelectionParameters) -> SelectPlan:
    """Draw the pairs and freeze their blocks, or return the plan that an earlier start froze.

    A measurement of the same size draws the same pairs. A larger sample contains a smaller one.

    Parameters
    ----------
    run
        Opened plan of the run.
    parameters
        Section of the spec.

    Returns
    -------
    SelectPlan
        The frozen plan.
    """
    seed = run.plan.parameters.seed
    selection_id = measure_id_of(
        {
            "selection": digest(parameters.model_dump(mode="json")),
            "seed": str(seed),
            "numerics": str(NUMERICS["select"]),
        }
    )
    name = f"selection-{selection_id}.json"
    if not run.storage.exists(plan_key(run.run_id, name)):
        offered = _offered(run, parameters.word)
        order = drawing_order(((pair.pair_id, pair.relation) for pair in offered), seed)
        drawn = set(order[: parameters.sample])
        # Pairs of one left item stay together: their searches share encodes within a block.
        chosen = sorted(
            (pair for pair in offered if pair.pair_id in drawn),
            key=lambda pair: (pair.left_id, pair.right_id),
        )
        groups = [tuple(group) for _, group in groupby(chosen, key=lambda pair: pair.left_id)]
        blocks = _blocks(run, parameters, groups)
        plan = SelectPlan(selection_id=selection_id, parameters=parameters, blocks=blocks)
        create_plan_file(run.storage, run.run_id, name, plan)
    return select_plan(run, selection_id)


def select_plan(run: OpenRun, selection_id: str) -> SelectPlan:
    """The frozen plan of a selection; read once per process.

    Parameters
    ----------
    run
        Opened plan of the run.
    selection_id
        Id of the selection.

    Returns
    -------
    SelectPlan
        Plan as the first start wrote it.
    """
    return _read(run.root, run.run_id, selection_id)


@lru_cache(maxsize=8)
def _read(root: str, run_id: str, selection_id: str) -> SelectPlan:
    return read_plan_file(
        open_run_plan(root, run_id).storage, run_id, f"selection-{selection_id}.json", SelectPlan
    )[0]


def _offered(run: OpenRun, word: str) -> list[MatchedPair]:
    """Pairs of the run; those with a text that holds the word, if there is one."""
    pairs = matched_pairs(run)
    if not word:
        return pairs
    texts = {
        pair.item_id(side)
        for pair in pairs
        for side in ("left", "right")
        if pair.modality(side) == Modality.TEXT.value
    }
    items = read_items(run, sorted(texts))
    holding = {name for name, item in items.items() if normalise_word(word) in _words(item.text or "")}
    return [pair for pair in pairs if holding & {pair.left_id, pair.right_id}]


def _words(text: str) -> set[str]:
    return {normalise_word(text[start:end]) for start, end in word_spans(text)}


def _blocks(
    run: OpenRun, parameters: SelectionParameters, groups: Iterable[tuple[MatchedPair, ...]]
) -> tuple[SelectBlock, ...]:
    """Whole groups, until a block would take more encodes than an image block may."""
    most = run.plan.parameters.blocks.image_encodes
    filled: list[list[str]] = []
    room = 0
    for group in groups:
        cost = sum(_cost(run, parameters, pair) for pair in group)
        if not filled or cost > room:
            filled.append([])
            room = most
        filled[-1] += [pair.pair_id for pair in group]
        room -= cost
    return tuple(SelectBlock(block=block, pair_ids=tuple(ids)) for block, ids in enumerate(filled))


def _cost(run: OpenRun, parameters: SelectionParameters, pair: MatchedPair) -> int:
    regions = run.plan.parameters.segmentation.image.n_segments
    return sum(
        most_selection_encodes(
            parameters, regions if pair.modality(side) == Modality.IMAGE.value else TYPICAL_WORDS
        )
        for side in parameters.sides
    )
