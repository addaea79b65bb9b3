"""Stage score: perturb, encode, regress: the effects of every item, once for all of its pairs."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from ilime_core.encoding.stopwatch import TimedEncoder
from ilime_core.records import Modality
from tasks.process.models import encoder_of, lane
from tasks.run_files.commits import Failure
from tasks.run_files.match_plan import ItemBlock, match_plan
from tasks.run_files.plan import OpenRun, open_run_plan
from tasks.runs.items import read_items
from tasks.spec.estimator_kinds import item_estimators
from tasks.spec.estimator_options import wants_second_order
from tasks.spec.mask_draws import MaskDraw
from tasks.stages.block_report import BlockReport
from tasks.stages.item_copying import carry_items, cut_alike
from tasks.stages.match.opaque_blocks import fitted_items, kept_items
from tasks.stages.run_block import BlockResult, Encodes, run_block
from tasks.stages.score.effect_tables import ScoredItem, effect_table, item_fit_table
from tasks.stages.score.explainer import FITTED_TOGETHER, EncodedItem, Explainer
from tasks.stages.score.perturb import Place, segment_counts
from tasks.tables import TABLES

__all__ = ["score_block"]

CARRIED = ("item_fits", "effects", "embeddings")


def score_block(root: str, run_id: str, block: int) -> BlockReport:
    """Explain the items of one block, or carry over what an earlier run has explained."""
    run = open_run_plan(root, run_id)
    planned = match_plan(run).item_blocks[block]
    return run_block(run, "score", block, lambda: _carry(run, planned) or _score(run, planned))


def _carry(run: OpenRun, planned: ItemBlock) -> BlockResult | None:
    tables = carry_items(run, planned, "score", CARRIED)
    if tables is None or not cut_alike(run, planned):
        return None
    item_fits = tables["item_fits"].select(["item_id", "n_encodes"]).to_pylist()
    spared = sum({row["item_id"]: row["n_encodes"] for row in item_fits}.values())
    images = planned.modality == Modality.IMAGE.value
    return BlockResult(
        tables,
        Encodes(images_reused=spared if images else 0, texts_reused=0 if images else spared),
        inputs=tuple(commit.digest for commit in run.commits("segment", [planned.block])),
    )


def _score(run: OpenRun, planned: ItemBlock) -> BlockResult:
    encoder = TimedEncoder(encoder_of(run))
    modality = Modality(planned.modality)
    parameters = run.plan.parameters
    wanted = fitted_items(run, planned.item_ids)
    kept = kept_items(run)
    keep_all = parameters.perturbation.keep_embeddings or wants_second_order(parameters)
    counts = segment_counts(run, [planned.block], wanted)
    items = [item for name, item in read_items(run, wanted).items() if name in counts]
    place = Place(run, "score", (planned.block,))
    draw = MaskDraw.of(modality, parameters)
    explainer = Explainer(place, encoder_of(run), encoder, draw, item_estimators(parameters))
    masks = explainer.masks(items, counts)
    failures: list[Failure] = []
    scored: list[ScoredItem] = []
    embeddings: list[pa.Table] = []
    waiting: list[EncodedItem] = []
    with lane(encoder.device):
        for encoded in explainer.encoded(items, masks, counts):
            if isinstance(encoded, Failure):
                failures.append(encoded)
                continue
            keep_fit = keep_all or encoded.item.item_id in kept
            embeddings.append(_embedding_rows(encoded, keep_fit=keep_fit))
            waiting.append(encoded)
            if len(waiting) == FITTED_TOGETHER:
                scored += _scored(explainer, waiting)
                waiting = []
        scored += _scored(explainer, waiting)
    tables = {
        "embeddings": pa.concat_tables(embeddings)
        if embeddings
        else TABLES["embeddings"].schema.empty_table(),
        "effects": effect_table(scored),
        "item_fits": item_fit_table(scored),
    }
    n_encodes = sum(map(explainer.n_encodes, masks.values()))
    images = modality is Modality.IMAGE
    return BlockResult(
        tables,
        Encodes(n_encodes if images else 0, 0 if images else n_encodes, seconds=encoder.seconds),
        inputs=tuple(commit.digest for commit in run.commits("segment", [planned.block])),
        failures=tuple(failures),
    )


def _scored(explainer: Explainer, encoded: Sequence[EncodedItem]) -> list[ScoredItem]:
    return [
        ScoredItem(one.item.item_id, effects, one.masks.plan.design, explainer.n_encodes(one.masks))
        for one, effects in zip(encoded, explainer.fitted(encoded), strict=True)
    ]


def _embedding_rows(encoded: EncodedItem, *, keep_fit: bool) -> pa.Table:
    """The whole and the empty item, the held-out masks, and on request those of the fit."""
    plan, held_out = encoded.masks.plan, encoded.masks.held_out
    known = encoded.masks.coalitions.expand(encoded.rows, encoded.empty, encoded.full).cpu().numpy()
    whole = np.ones((1, plan.masks.shape[1]), dtype=bool)
    sets = {
        "full": (whole, encoded.full[None].cpu().numpy()),
        "empty": (~whole, encoded.empty[None].cpu().numpy()),
        "held_out": (held_out, known[len(plan.masks) :]),
    }
    if keep_fit:
        sets["fit"] = (plan.masks, known[: len(plan.masks)])
    rows = [
        {
            "item_id": encoded.item.item_id,
            "set": name,
            "row": row,
            "mask": np.packbits(mask).tobytes(),
            "embedding": embedding,
        }
        for name, (masks, embeddings) in sets.items()
        for row, (mask, embedding) in enumerate(zip(masks, embeddings, strict=True))
    ]
    return pa.Table.from_pylist(rows, schema=TABLES["embeddings"].schema)
