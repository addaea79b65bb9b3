"""Stage measure: perturbation metrics of sampled pairs; may run later, again, differently."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import torch

from ilime_core.errors import InputError
from ilime_core.faithfulness.encoded import EncodedCoalitions, MaskSet, merge_masks
from ilime_core.faithfulness.explanation import PairExplanation
from ilime_core.faithfulness.measurement import Measurement
from ilime_core.faithfulness.registry import METRICS, Metric
from ilime_core.records import Modality
from ilime_core.scoring.stopwatch import TimedEncoder
from tasks.blocks import BlockResult, Encodes, run_block
from tasks.commits import read_rows
from tasks.effect_tables import vectors
from tasks.estimator_kinds import item_estimators
from tasks.fit_commits import fit_commits
from tasks.items import Item, read_items
from tasks.match_plan import match_plan
from tasks.measure_plan import MeasurePlan, measure_plan
from tasks.models import encoder_of, lane
from tasks.perturb import Place, encode_coalitions
from tasks.plan import OpenRun, open_run_plan
from tasks.reports import BlockReport
from tasks.tables import TABLES

__all__ = ["measure_block"]


@dataclass(frozen=True, slots=True, eq=False)
class _Explained:
    """A sampled pair under one estimator."""

    pair_id: str
    estimator: str
    explanation: PairExplanation


def measure_block(measure_id: str, root: str, run_id: str, block: int) -> BlockReport:
    """Measure the pairs of one block."""
    run = open_run_plan(root, run_id)
    plan = measure_plan(run, measure_id)
    return run_block(run, plan.stage, block, partial(_measure, run, plan, block))


def _measure(run: OpenRun, plan: MeasurePlan, block: int) -> BlockResult:
    encoder = TimedEncoder(encoder_of(run))
    parameters = plan.parameters
    metrics = [
        METRICS[name].make(
            steps=parameters.steps, n_random=parameters.random_orders, seed=run.plan.parameters.seed
        )
        for name in parameters.metrics
    ]
    explained = _explanations(run, plan.blocks[block].pair_ids)
    if not explained:
        return BlockResult({})
    wanted = merge_masks(
        (item_id, masks)
        for pair in explained
        for metric in metrics
        for item_id, masks in zip(
            (pair.explanation.left_id, pair.explanation.right_id), metric.masks(pair.explanation), strict=True
        )
    )
    items = read_items(run, sorted(wanted))
    with lane(encoder.device):
        encoded = _encode(run, plan.stage, encoder, items, wanted)
    rows = [(pair, _measured(pair, metrics, encoded)) for pair in explained]
    images = sum(len(wanted[name].rows) for name, item in items.items() if item.modality == Modality.IMAGE)
    texts = sum(len(masks.rows) for masks in wanted.values()) - images
    return BlockResult(
        {"faithfulness": _value_table(run, plan, rows), "curves": _curve_table(run, plan, rows)},
        Encodes(images, texts, seconds=encoder.seconds),
    )


def _explanations(run: OpenRun, pair_ids: Sequence[str]) -> list[_Explained]:
    """Surrogates of pairs in the order of their ids; pairs of failed items have none."""
    mine = pc.field("pair_id").isin(list(pair_ids))
    pairs = read_rows(run.storage, run.commits("match", [0]), "pairs", filter=mine).sort_by("pair_id")
    fits = fit_commits(run, pairs)
    cells = read_rows(run.storage, fits, "interactions", filter=mine)
    effects = read_rows(run.storage, fits, "main_effects", filter=mine)
    found: list[_Explained] = []
    for row in pairs.to_pylist():
        for estimator in _measured_estimators(run):
            own = (pc.field("pair_id") == row["pair_id"]) & (pc.field("estimator") == estimator)
            weights = cells.filter(own).sort_by(
                [("left_segment", "ascending"), ("right_segment", "ascending")]
            )
            sides = {
                side: effects.filter(own & (pc.field("side") == side)).sort_by("segment")
                for side in ("left", "right")
            }
            shape = (sides["left"].num_rows, sides["right"].num_rows)
            if 0 in shape:
                continue
            found.append(
                _Explained(
                    row["pair_id"],
                    estimator,
                    PairExplanation(
                        left_id=row["left_id"],
                        right_id=row["right_id"],
                        interactions=_real(weights["weight"]).reshape(shape)
                        if weights.num_rows
                        else np.zeros(shape),  # an estimator of the first order
                        left_raw=_known(sides["left"], "raw_effect", "effect"),
                        right_raw=_known(sides["right"], "raw_effect", "effect"),
                        left_main=_known(sides["left"], "effect", "raw_effect"),
                        right_main=_known(sides["right"], "effect", "raw_effect"),
                    ),
                )
            )
    return found


def _encode(
    run: OpenRun, stage: str, encoder: TimedEncoder, items: Mapping[str, Item], wanted: Mapping[str, MaskSet]
) -> dict[str, EncodedCoalitions]:
    """Each item once for all its pairs, metrics and orders; whole and empty items are known already."""
    blocks = tuple(
        block.block for block in match_plan(run).item_blocks if not items.keys().isdisjoint(block.item_ids)
    )
    empty = _empty_items(run, blocks, items)
    found: dict[str, torch.Tensor] = {}
    for modality in Modality:
        own = [
            item for item in items.values() if item.modality == modality and len(wanted[item.item_id].rows)
        ]
        if own:
            rows = {item.item_id: wanted[item.item_id].rows for item in own}
            for result in encode_coalitions(Place(run, stage, blocks), encoder, own, rows):
                if result.error is not None:
                    raise InputError(f"{items[result.key].uri}: {result.error}")
                found[result.key] = result.embeddings.cpu()
    return {
        name: EncodedCoalitions(
            wanted[name],
            found.get(name, torch.zeros((0, len(item.embedding)))),
            empty[name],
            torch.from_numpy(item.embedding),
        )
        for name, item in items.items()
    }


def _empty_items(run: OpenRun, blocks: Sequence[int], items: Mapping[str, Item]) -> dict[str, torch.Tensor]:
    rows = read_rows(
        run.storage,
        run.commits("score", blocks),
        "embeddings",
        ["item_id", "embedding"],
        (pc.field("set") == "empty") & pc.field("item_id").isin(sorted(items)),
    )
    return dict(zip(rows["item_id"].to_pylist(), vectors(rows["embedding"]), strict=True))


def _measured(
    pair: _Explained, metrics: Sequence[Metric], encoded: Mapping[str, EncodedCoalitions]
) -> list[Measurement]:
    left, right = encoded[pair.explanation.left_id], encoded[pair.explanation.right_id]
    return [metric.measure(pair.explanation, left, right) for metric in metrics]


def _value_table(
    run: OpenRun, plan: MeasurePlan, rows: Sequence[tuple[_Explained, list[Measurement]]]
) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                **_identity(run, plan, pair),
                "metric": value.metric,
                "mode": value.mode,
                "axis": value.axis,
                "control": value.control,
                "value": value.value,
                "normalised": value.normalised,
                "spread": value.spread,
                "n_orders": value.n_orders,
                "direction": value.direction,
            }
            for pair, measurements in rows
            for measurement in measurements
            for value in measurement.values
        ],
        schema=TABLES["faithfulness"].schema,
    )


def _curve_table(
    run: OpenRun, plan: MeasurePlan, rows: Sequence[tuple[_Explained, list[Measurement]]]
) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                **_identity(run, plan, pair),
                "metric": curve.metric,
                "mode": curve.mode,
                "axis": curve.axis,
                "control": curve.control,
                "order": curve.order,
                "x": curve.x,
                "y": curve.y,
            }
            for pair, measurements in rows
            for measurement in measurements
            for curve in measurement.curves
        ],
        schema=TABLES["curves"].schema,
    )


def _identity(run: OpenRun, plan: MeasurePlan, pair: _Explained) -> dict[str, object]:
    perturbation = run.plan.parameters.perturbation
    return {
        "pair_id": pair.pair_id,
        "estimator": pair.estimator,
        "fill": f"{perturbation.image_baseline}, {perturbation.text_removal}",
        "measure_id": plan.measure_id,
    }


def _measured_estimators(run: OpenRun) -> tuple[str, ...]:
    """Perturbed items are embedded here: what explains another model's scores would be held against ours."""
    parameters = run.plan.parameters
    return parameters.estimators if parameters.opaque.reads_embeddings else item_estimators(parameters)


def _known(effects: pa.Table, column: str, otherwise: str) -> np.ndarray:
    """A column of effects, or another where the estimator has none of it."""
    return _real(effects[column if effects[column].null_count == 0 else otherwise])


def _real(column: pa.ChunkedArray) -> np.ndarray:
    return column.to_numpy().astype(np.float64)
