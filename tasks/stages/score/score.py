"""Stage score: perturb, encode, regress: the effects of every item, once for all of its pairs."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from ilime_core.encoding.stopwatch import TimedEncoder
from ilime_core.modality import Modality
from ilime_core.records import Effects
from tasks.process.models import device_lock, encoder_of
from tasks.run_files.commits import Failure
from tasks.run_files.match_plan import ItemBlock, match_plan
from tasks.run_files.plan import OpenRun, open_run_plan
from tasks.runs.items import read_items
from tasks.spec.core_options import wants_second_order
from tasks.spec.estimator_kinds import item_estimators
from tasks.spec.mask_draws import MaskDraw
from tasks.stages.block_report import BlockReport
from tasks.stages.item_copying import cut_alike, reuse_items
from tasks.stages.match.opaque_blocks import fitted_items, kept_items
from tasks.stages.run_block import BlockResult, run_block
from tasks.stages.score.effect_tables import effect_table, item_fit_table
from tasks.stages.score.explained_item import ExplainedItem
from tasks.stages.score.explainer import Explainer
from tasks.stages.score.perturb import StagePlace, segment_counts
from tasks.tables import TABLES
from tasks.tables.counts import Counts

__all__ = ["score_block"]

REUSED = ("item_fits", "effects", "embeddings")


def score_block(root: str, run_id: str, block: int) -> BlockReport:
    """Explain the items of one block, or copy the rows that an earlier run has explained.

    Parameters
    ----------
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
    planned = match_plan(run).item_blocks[block]
    return run_block(run, "score", block, lambda: _carry(run, planned) or _score(run, planned))


def _carry(run: OpenRun, planned: ItemBlock) -> BlockResult | None:
    tables = reuse_items(run, planned, "score", REUSED)
    if tables is None or not cut_alike(run, planned):
        return None
    item_fits = tables["item_fits"].select(["item_id", "n_encodes"]).to_pylist()
    spared = sum({row["item_id"]: row["n_encodes"] for row in item_fits}.values())
    images = planned.modality == Modality.IMAGE.value
    return BlockResult(
        tables,
        Counts(image_encodes_reused=spared if images else 0, text_encodes_reused=0 if images else spared),
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
    place = StagePlace(run, "score", (planned.block,))
    draw = MaskDraw.of(modality, parameters)
    explainer = Explainer(place, encoder_of(run), encoder, draw, item_estimators(parameters))
    masks = explainer.masks(items, counts)
    failures: list[Failure] = []
    ended: dict[str, str | None] = {}
    scored: dict[str, Mapping[str, Effects]] = {}
    embeddings: list[pa.Table] = [TABLES["embeddings"].schema.empty_table()]
    with device_lock(encoder.device):
        for one in explainer.explained(items, masks, counts):
            if isinstance(one, Failure):
                failures.append(one)
            else:
                scored[one.item.item_id] = one.effects
                masks[one.item.item_id] = one.masks
                ended[one.item.item_id] = one.ended
                embeddings.append(_embedding_rows(one, keep_fit=keep_all or one.item.item_id in kept))
    tables = {
        "embeddings": pa.concat_tables(embeddings),
        "effects": effect_table(scored),
        "item_fits": item_fit_table(scored, masks, explainer.n_encodes, ended),
    }
    n_encodes = sum(map(explainer.n_encodes, masks.values()))
    images = modality is Modality.IMAGE
    return BlockResult(
        tables,
        Counts(n_encodes if images else 0, 0 if images else n_encodes, encoder_seconds=encoder.seconds),
        inputs=tuple(commit.digest for commit in run.commits("segment", [planned.block])),
        failures=tuple(failures),
    )


def _embedding_rows(explained: ExplainedItem, *, keep_fit: bool) -> pa.Table:
    """The whole and the empty item, the held-out masks, and on request those of the fit."""
    masks, known = explained.masks, explained.embeddings.cpu().numpy()
    whole = np.ones((1, masks.n_segments), dtype=bool)
    sets = {
        "full": (whole, explained.full[None].cpu().numpy()),
        "empty": (~whole, explained.empty[None].cpu().numpy()),
        "held_out": (masks.held_out, known[len(masks.masks) :]),
    }
    if keep_fit:
        sets["fit"] = (masks.masks, known[: len(masks.masks)])
    rows = [
        {
            "item_id": explained.item.item_id,
            "set": name,
            "row": row,
            "mask": np.packbits(mask).tobytes(),
            "embedding": embedding,
        }
        for name, (coalitions, embeddings) in sets.items()
        for row, (mask, embedding) in enumerate(zip(coalitions, embeddings, strict=True))
    ]
    return pa.Table.from_pylist(rows, schema=TABLES["embeddings"].schema)
