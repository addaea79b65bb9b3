"""Rows of the table ``word_class_means``: classes of words over the pairs of each relation and slice."""

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from jaxtyping import Int64

from ilime_core.aggregates.slices import ALL, TagSlices, named_slices
from ilime_core.aggregates.word_classes import (
    WordClassValues,
    class_means,
    join_word_class_values,
    word_class_values,
)
from ilime_core.modality import Modality
from ilime_core.segmentation.lexicon import WORD_CLASSES
from tasks.run_files.committed import read_rows
from tasks.run_files.plan import OpenRun
from tasks.stages.mean_columns import mean_columns
from tasks.stages.summarise.fitted_blocks import FittedBlock, Pairs, codes_of, fitted_blocks, segment_rows
from tasks.tables import TABLES

__all__ = ["word_class_table"]

_TEXT = Modality.TEXT.value


def word_class_table(run: OpenRun, pairs: Pairs, tags: Sequence[TagSlices]) -> pa.Table:
    """Means of word classes over pairs, by estimator, relation, slice and side.

    Parameters
    ----------
    run
        Opened plan of the run, its pairs fitted.
    pairs
        Selected pairs of the run.
    tags
        Slices of these pairs.

    Returns
    -------
    pyarrow.Table
        Rows of the table ``word_class_means``; none where no item is a text.
    """
    sides = [side for side in ("left", "right") if _TEXT in set(pairs.column(f"{side}_modality"))]
    rows = [
        row
        for estimator in run.plan.parameters.estimators
        for side in sides
        for row in _rows(run, pairs, tags, estimator, side)
    ]
    return pa.Table.from_pylist(rows, schema=TABLES["word_class_means"].schema)


def _rows(
    run: OpenRun, pairs: Pairs, tags: Sequence[TagSlices], estimator: str, side: str
) -> list[dict[str, object]]:
    parts = [_block_values(run, pairs, block, (estimator, side)) for block in fitted_blocks(run, estimator)]
    known = [part for part in parts if part is not None]
    if not known:
        return []
    places = np.concatenate([place for place, _ in known])
    order = np.argsort(places)  # sums do not depend on how pairs are cut into blocks
    places, values = places[order], join_word_class_values([one for _, one in known]).of_pairs(order)
    relations = pairs.column("relation", places).astype(str)
    left, right = (
        np.unique(pairs.column(name, places).astype(str), return_inverse=True)[1].astype(np.int64)
        for name in ("left_id", "right_id")
    )
    limits = run.plan.parameters.summary.limits
    here = [tag.of(places) for tag in tags]
    return [
        {
            "estimator": estimator,
            "relation": relation,
            "slice": name,
            "side": side,
            "word_class": WORD_CLASSES[one.class_code],
            "quantity": one.quantity,
            **mean_columns(one.mean, len(chosen)),
            "n_words": one.n_words,
            "n_pairs": one.n_pairs,
        }
        for relation, name, chosen in _groups(relations, here)
        if name == ALL or limits.admit_pairs(left[chosen], right[chosen])
        for one in class_means(values.of_pairs(chosen), left[chosen], right[chosen])
    ]


def _groups(
    relations: np.ndarray, tags: Sequence[TagSlices]
) -> Iterator[tuple[str, str, Int64[np.ndarray, " chosen"]]]:
    """Relations and slices with the rows of their pairs."""
    for relation in (ALL, *sorted(set(relations.tolist()))):
        related = (relations == relation) | (relation == ALL)
        for name, sliced in named_slices(tags, len(relations)):
            yield relation, name, np.flatnonzero(related & sliced)


def _block_values(
    run: OpenRun, pairs: Pairs, block: FittedBlock, key: tuple[str, str]
) -> tuple[Int64[np.ndarray, " pairs"], WordClassValues] | None:
    """Rows of the block's pairs and their values; None where the block has no text on this side."""
    estimator, side = key
    wanted = (pc.field("estimator") == estimator) & (pc.field("side") == side)
    columns = ["pair_id", "segment", "mass", "intact_effect"]
    effects = read_rows(run.storage, [block.fits], "main_effects", columns, wanted)
    encoded = effects["pair_id"].combine_chunks().dictionary_encode()
    places = pairs.rows_of(encoded.dictionary.to_pylist())
    of_text = pairs.column(f"{side}_modality", places) == _TEXT
    if not of_text.any():
        return None
    item_ids = pairs.column(f"{side}_id", places).tolist()
    segments = segment_rows(run, block.segments, item_ids, ["word_class"])
    code_of = codes_of(segments.table["word_class"], WORD_CLASSES)
    pair = encoded.indices.to_numpy().astype(np.int64)
    own = segments.places(item_ids, pair, effects["segment"].to_numpy().astype(np.int64))
    code = code_of[own]
    mass, intact = (effects[name].to_numpy().astype(np.float64) for name in ("mass", "intact_effect"))
    known = code >= 0
    values = word_class_values(
        pair[known], code[known], mass[known], intact[known], (len(places), len(WORD_CLASSES))
    )
    return places[of_text], values.of_pairs(np.flatnonzero(of_text))
