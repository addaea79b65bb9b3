"""Stage measure: metrics of faithfulness on sampled pairs; may run later, again, differently."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pyarrow.compute as pc
import torch

from ilime_core.encoding.stopwatch import TimedEncoder
from ilime_core.errors import InputError
from ilime_core.faithfulness.encoded import EncodedCoalitions, MaskSet, merge_masks
from ilime_core.faithfulness.measured_pair import MeasuredPair
from ilime_core.faithfulness.metric_set import MetricSet
from ilime_core.faithfulness.refits import Variation
from ilime_core.faithfulness.registry import METRICS
from ilime_core.modality import Modality
from tasks.process.models import device_lock, encoder_of
from tasks.run_files.committed import read_rows
from tasks.run_files.match_plan import item_blocks_of
from tasks.run_files.plan import OpenRun, open_run_plan
from tasks.runs.items import Item, read_items
from tasks.spec import BaselineParameters
from tasks.stages.block_report import BlockReport
from tasks.stages.measure.baselines import FITTED, baseline_name, with_baseline
from tasks.stages.measure.budget import measured_metrics
from tasks.stages.measure.explained_pairs import read_explained
from tasks.stages.measure.pair_truths import region_truths
from tasks.stages.measure.plan import MeasurePlan, measure_plan
from tasks.stages.measure.refits import RefitPair, refit_pairs
from tasks.stages.measure.tables import Measured, curve_table, value_table
from tasks.stages.run_block import BlockResult, run_block
from tasks.stages.score.perturb import StagePlace, encode_coalitions
from tasks.tables.counts import Counts
from tasks.tables.row_filters import among
from tasks.tables.tensors import vectors
from tasks.truth import open_truth

__all__ = ["measure_block"]


def measure_block(measure_id: str, root: str, run_id: str, block: int) -> BlockReport:
    """Measure the pairs of one block.

    Parameters
    ----------
    measure_id
        Id of the measurement.
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
    plan = measure_plan(run, measure_id)
    return run_block(run, plan.stage, block, partial(_measure, run, plan, block))


def _measure(run: OpenRun, plan: MeasurePlan, block: int) -> BlockResult:
    pairs = _explained(run, plan, plan.blocks[block].pair_ids)
    if not pairs:
        return BlockResult({}, inputs=_inputs(run))
    metrics = measured_metrics(plan.parameters, run.plan.parameters.seed)
    rows: list[Measured] = []
    spent: list[Counts] = []
    if metrics.encoding.metrics or metrics.variations:
        encoder = TimedEncoder(encoder_of(run))
        with device_lock(encoder.device):
            pairs, counts = _refitted(run, plan, encoder, metrics.variations, pairs)
            spent.append(counts)
            for baseline in (FITTED, *plan.parameters.baselines) if metrics.encoding.metrics else ():
                found, counts = _under_baseline(run, plan, baseline, encoder, metrics, pairs)
                rows += found
                spent.append(counts)
        spent.append(Counts(encoder_seconds=encoder.seconds))
    if not metrics.encoding.metrics:
        rows = _rows(run, metrics, pairs)
    return BlockResult(
        {"faithfulness": value_table(plan, rows), "curves": curve_table(plan, rows)},
        sum(spent, Counts()),
        inputs=_inputs(run),
    )


def _rows(run: OpenRun, metrics: MetricSet, pairs: Sequence[MeasuredPair]) -> list[Measured]:
    baseline = baseline_name(run.plan.parameters.perturbation)
    return [Measured(one.pair_id, one.estimator, baseline, metrics.measure(one)) for one in pairs]


def _inputs(run: OpenRun) -> tuple[str, ...]:
    """Summarise has read all else that a measurement may read."""
    return tuple(commit.digest for commit in run.commits("summarise", [0]))


def _explained(run: OpenRun, plan: MeasurePlan, pair_ids: Sequence[str]) -> list[MeasuredPair]:
    asked = plan.parameters
    truth = open_truth(asked.truth, run.plan.parameters.corpus) if asked.needs_truth else None
    return read_explained(
        run,
        pair_ids,
        plan.estimators,
        {} if truth is None else region_truths(run, truth, pair_ids),
        with_global=any(METRICS[name].needs_factors for name in asked.metrics),
    )


def _under_baseline(  # noqa: PLR0917 - the six name one measurement of a block
    run: OpenRun,
    plan: MeasurePlan,
    baseline: BaselineParameters,
    encoder: TimedEncoder,
    metrics: MetricSet,
    pairs: Sequence[MeasuredPair],
) -> tuple[list[Measured], Counts]:
    """Each item is encoded once for all its pairs and metrics; what encodes nothing is measured once."""
    own = metrics if baseline is FITTED else metrics.encoding
    run = with_baseline(run, baseline, plan.dataset_colour)
    wanted = merge_masks(
        (item_id, masks)
        for pair in pairs
        for item_id, masks in zip(_ends(pair), own.masks(pair.explanation), strict=True)
    )
    encoded, spent = _encode(run, plan.stage, encoder, read_items(run, sorted(wanted)), wanted)
    known = [replace(pair, encoded=tuple(encoded[name] for name in _ends(pair))) for pair in pairs]
    return _rows(run, own, known), spent


def _ends(pair: MeasuredPair) -> tuple[str, str]:
    return pair.explanation.left_id, pair.explanation.right_id


def _encode(
    run: OpenRun, stage: str, encoder: TimedEncoder, items: Mapping[str, Item], wanted: Mapping[str, MaskSet]
) -> tuple[dict[str, EncodedCoalitions], Counts]:
    """Whole items are known, and so are empty ones under the baseline that was fitted with."""
    blocks = tuple(item_blocks_of(run, items))
    empty = _empty_items(run, blocks, items)
    found: dict[str, torch.Tensor] = {}
    counts = dict.fromkeys(Modality, 0)
    for modality in Modality:
        rows = {
            name: wanted[name].rows if name in empty else _with_empty_row(wanted[name].rows)
            for name, item in items.items()
            if item.modality == modality
        }
        own = [items[name] for name, masks in rows.items() if len(masks)]
        counts[modality] = sum(len(masks) for masks in rows.values())
        if own:
            for result in encode_coalitions(StagePlace(run, stage, blocks), encoder, own, rows):
                if result.error is not None:
                    raise InputError(f"{items[result.key].uri}: {result.error}")
                found[result.key] = result.embeddings.cpu()
    encoded = {
        name: _encoded(item, wanted[name], found.get(name), empty.get(name)) for name, item in items.items()
    }
    return encoded, Counts(counts[Modality.IMAGE], counts[Modality.TEXT])


def _with_empty_row(masks: np.ndarray) -> np.ndarray:
    return np.concatenate([masks, np.zeros((1, masks.shape[1]), dtype=bool)])


def _encoded(
    item: Item, masks: MaskSet, found: torch.Tensor | None, empty: torch.Tensor | None
) -> EncodedCoalitions:
    full = torch.from_numpy(item.embedding)
    rows = torch.zeros((0, len(full))) if found is None else found
    return EncodedCoalitions(masks, rows[: len(masks.rows)], rows[-1] if empty is None else empty, full)


def _empty_items(run: OpenRun, blocks: Sequence[int], items: Mapping[str, Item]) -> dict[str, torch.Tensor]:
    """Embeddings of items with nothing kept, of those that this baseline is known of."""
    fitted = open_run_plan(run.root, run.run_id).plan.parameters.perturbation
    own = run.plan.parameters.perturbation
    known = [
        name
        for name, item in items.items()
        if (
            own.image_baseline == fitted.image_baseline
            if item.modality == Modality.IMAGE.value
            else own.text_removal == fitted.text_removal
        )
    ]
    rows = read_rows(
        run.storage,
        run.commits("score", blocks),
        "embeddings",
        ["item_id", "embedding"],
        (pc.field("set") == "empty") & among("item_id", known),
    )
    return dict(zip(rows["item_id"].to_pylist(), vectors(rows["embedding"]), strict=True)) if known else {}


def _refitted(
    run: OpenRun,
    plan: MeasurePlan,
    encoder: TimedEncoder,
    variations: Sequence[Variation],
    pairs: Sequence[MeasuredPair],
) -> tuple[list[MeasuredPair], Counts]:
    """The pairs, those that were chosen for it with their refits."""
    chosen = set(plan.refitted) if variations else set[str]()
    wanted: dict[str, RefitPair] = {}
    for one in pairs:
        if one.pair_id in chosen:
            mine = RefitPair(one.pair_id, *_ends(one), {})
            wanted.setdefault(one.pair_id, mine).weights[one.estimator] = one.explanation.interactions
    if not wanted:
        return list(pairs), Counts()
    again = refit_pairs(run, plan.stage, encoder, plan.parameters.refits, variations, list(wanted.values()))
    refits = again.refits
    return [replace(one, refits=refits.get((one.pair_id, one.estimator), {})) for one in pairs], again.encodes
