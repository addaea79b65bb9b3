"""Stage score: perturb, encode, regress: the effects of every item, once for all of its pairs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import torch
from torch import Tensor

from ilime_core.effects.estimators import ESTIMATORS
from ilime_core.errors import ItemError
from ilime_core.perturbation.windows import Neighbours
from ilime_core.records import Effects, MaskedEmbeddings, Modality
from ilime_core.scoring.stopwatch import TimedEncoder
from ilime_core.white_box.records import GatedImage, GatedItem, GatedText
from tasks.blocks import BlockResult, Encodes, run_block
from tasks.commits import Failure
from tasks.effect_tables import ScoredItem, anchor_table, effect_table
from tasks.estimator_kinds import item_estimators
from tasks.estimator_options import fit_options
from tasks.item_carrying import carry_items, cut_alike
from tasks.items import Item, read_items
from tasks.masks import ItemMasks, MaskDraw
from tasks.match_plan import ItemBlock, match_plan
from tasks.models import encoder_of, lane
from tasks.opaque_blocks import fitted_items, kept_items
from tasks.perturb import Place, encode_coalitions, region_neighbours, segment_counts
from tasks.plan import OpenRun, open_run_plan
from tasks.reports import BlockReport
from tasks.second_order import wants_second_order
from tasks.tables import TABLES
from tasks.white_box import gated_contents, white_box_effects

__all__ = ["score_block"]

FITTED_TOGETHER = 64
"""Items whose embeddings wait for one batched regression."""

CARRIED = ("anchors", "effects", "embeddings")


@dataclass(frozen=True, slots=True, eq=False)
class _Encoded:
    """The embeddings of one item's coalitions."""

    item: Item
    masks: ItemMasks
    full: Tensor
    empty: Tensor
    rows: Tensor
    """Of the distinct coalitions."""
    inside: Mapping[str, Effects] = field(default_factory=dict[str, Effects])
    """Effects that white-box estimators have found."""


def score_block(root: str, run_id: str, block: int) -> BlockReport:
    """Explain the items of one block, or carry over what an earlier run has explained."""
    run = open_run_plan(root, run_id)
    planned = match_plan(run).item_blocks[block]
    return run_block(run, "score", block, lambda: _carry(run, planned) or _score(run, planned))


def _carry(run: OpenRun, planned: ItemBlock) -> BlockResult | None:
    tables = carry_items(run, planned, "score", CARRIED)
    if tables is None or not cut_alike(run, planned):
        return None
    anchors = tables["anchors"].select(["item_id", "n_encodes"]).to_pylist()
    spared = sum({row["item_id"]: row["n_encodes"] for row in anchors}.values())
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
    draw = MaskDraw.of(modality, parameters)
    near: Mapping[str, Neighbours] = (
        region_neighbours(run, planned.block, wanted) if modality is Modality.IMAGE and draw.is_placed else {}
    )
    masks = {
        item.item_id: draw.draw(item.sha256, counts[item.item_id], near.get(item.item_id)) for item in items
    }
    failures: list[Failure] = []
    scored: list[ScoredItem] = []
    embeddings: list[pa.Table] = []
    waiting: list[_Encoded] = []
    with lane(encoder.device):
        place = Place(run, "score", (planned.block,))
        contents = gated_contents(place, encoder, items, counts)
        for masked, content in zip(_encode(place, encoder, items, masks), contents, strict=True):
            encoded = masked if isinstance(masked, Failure) else _look_inside(run, encoder, masked, content)
            if isinstance(encoded, Failure):
                failures.append(encoded)
                continue
            keep_fit = keep_all or encoded.item.item_id in kept
            embeddings.append(_embedding_rows(encoded, keep_fit=keep_fit))
            waiting.append(encoded)
            if len(waiting) == FITTED_TOGETHER:
                scored += _fit(run, draw, waiting)
                waiting = []
        scored += _fit(run, draw, waiting)
    tables = {
        "embeddings": pa.concat_tables(embeddings)
        if embeddings
        else TABLES["embeddings"].schema.empty_table(),
        "effects": effect_table(scored),
        "anchors": anchor_table(scored),
    }
    n_encodes = sum(one.n_encodes + draw.inside(one.plan.masks.shape[1]) for one in masks.values())
    images = modality is Modality.IMAGE
    return BlockResult(
        tables,
        Encodes(n_encodes if images else 0, 0 if images else n_encodes, seconds=encoder.seconds),
        inputs=tuple(commit.digest for commit in run.commits("segment", [planned.block])),
        failures=tuple(failures),
    )


def _encode(
    place: Place, encoder: TimedEncoder, items: Sequence[Item], masks: dict[str, ItemMasks]
) -> Iterator[_Encoded | Failure]:
    """Each item's coalitions behind the row that keeps nothing; the whole item was encoded by embed."""
    if not items:
        return
    rows = {
        name: np.concatenate([np.zeros((1, one.plan.masks.shape[1]), dtype=bool), one.coalitions.rows])
        for name, one in masks.items()
    }
    by_id = {item.item_id: item for item in items}
    for result in encode_coalitions(place, encoder, items, rows):
        item = by_id[result.key]
        if result.error is not None:
            yield _failed(item, result.error)
            continue
        yield _Encoded(
            item,
            masks[item.item_id],
            torch.from_numpy(item.embedding).to(result.embeddings),
            result.embeddings[0],
            result.embeddings[1:],
        )


def _look_inside(
    run: OpenRun, encoder: TimedEncoder, encoded: _Encoded, content: GatedImage | GatedText | None
) -> _Encoded | Failure:
    """Ask white-box estimators, where there are any; an item that one of them fails on is not explained."""
    if content is None:
        return encoded
    try:
        inside = white_box_effects(run, encoder, GatedItem(content, encoded.full, encoded.empty))
    except ItemError as error:
        return _failed(encoded.item, error)
    return replace(encoded, inside=inside)


def _fit(run: OpenRun, draw: MaskDraw, encoded: Sequence[_Encoded]) -> list[ScoredItem]:
    """Regress on the device, many items at once; estimators share the encodes."""
    options = fit_options(run.plan.parameters)
    items = [_regressed(one) for one in encoded]
    names = item_estimators(run.plan.parameters)
    fitted = {name: ESTIMATORS[name].make(items, options) for name in names if name in ESTIMATORS.names}
    return [
        ScoredItem(
            one.item.item_id,
            {name: one.inside[name] if name in one.inside else fitted[name][place] for name in names},
            one.masks.plan.design,
            one.masks.n_encodes + draw.inside(one.masks.plan.masks.shape[1]),
        )
        for place, one in enumerate(encoded)
    ]


def _regressed(encoded: _Encoded) -> MaskedEmbeddings:
    """What estimators read, in double precision: sums over masks cancel."""
    plan = encoded.masks.plan
    known = encoded.masks.coalitions.expand(encoded.rows, encoded.empty, encoded.full)
    return MaskedEmbeddings(
        masks=torch.from_numpy(plan.masks).to(known.device),
        embeddings=known[: len(plan.masks)].double(),
        empty=encoded.empty.double(),
        full=encoded.full.double(),
        sets=plan.sets,
        p=plan.p,
        enumerated=plan.enumerated,
    )


def _embedding_rows(encoded: _Encoded, *, keep_fit: bool) -> pa.Table:
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


def _failed(item: Item, error: ItemError) -> Failure:
    return Failure("score", item.entry, item.item_id, error.reason.value, str(error), item.uri)
