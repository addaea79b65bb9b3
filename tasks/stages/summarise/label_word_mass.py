"""Rows of the table ``label_word_mass``: words of matching texts on labelled regions of their images."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from jaxtyping import Bool

from ilime_core.aggregates.label_words import NOT_KEPT, LabelledCells, LabelWordTotals
from ilime_core.aggregates.word_classes import FEWEST_PAIRS
from ilime_core.modality import Modality
from tasks.run_files.committed import read_rows
from tasks.run_files.match_plan import match_plan
from tasks.run_files.plan import OpenRun
from tasks.stages.summarise.fitted_blocks import FittedBlock, Pairs, codes_of, fitted_blocks, segment_rows
from tasks.tables import TABLES

__all__ = ["label_word_table"]

MOST_LABELS = 1024
MOST_CELLS = 2**20
"""Labels times words that are kept in memory: those of most pairs."""

_VALUES = ("n_pairs", "mass", "inside", "other", "background", "net", "area")


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """What is counted: pairs, labels and words."""

    run: OpenRun
    pairs: Pairs
    matching: Bool[np.ndarray, " pairs"]
    """True of images with texts that the corpus calls a match."""
    labels: Sequence[str] = ()
    words: Sequence[str] = ()


def label_word_table(run: OpenRun, pairs: Pairs) -> pa.Table:
    """Mass of words inside of labels, over the pairs of an image with its own texts.

    Parameters
    ----------
    run
        Opened plan of the run, its pairs fitted.
    pairs
        Selected pairs of the run.

    Returns
    -------
    pyarrow.Table
        Rows of the table ``label_word_mass``; none where no region has a label.
    """
    schema = TABLES["label_word_mass"].schema
    asked = _Asked(run, pairs, _matching(pairs))
    labels = [name for name, _ in _counts(asked, "left", "label").most_common(MOST_LABELS)]
    if not labels:
        return schema.empty_table()
    counts = _counts(asked, "right", "word").most_common(MOST_CELLS // len(labels))
    words = [name for name, n_pairs in counts if n_pairs >= FEWEST_PAIRS]
    asked = replace(asked, labels=sorted(labels), words=sorted(words))
    rows = [row for estimator in run.plan.parameters.estimators for row in _rows(asked, estimator)]
    return pa.Table.from_pylist(rows, schema=schema)


def _matching(pairs: Pairs) -> Bool[np.ndarray, " pairs"]:
    return (
        pairs.column("is_positive").astype(bool)
        & (pairs.column("left_modality") == Modality.IMAGE.value)
        & (pairs.column("right_modality") == Modality.TEXT.value)
    )


def _counts(asked: _Asked, side: str, column: str) -> Counter[str]:
    """Matching pairs by what a column of segments calls their left or right items; one block in memory.

    Names come in order of the alphabet, which decides between equally frequent ones.
    """
    run = asked.run
    n_pairs = Counter(asked.pairs.column(f"{side}_id", np.flatnonzero(asked.matching)).tolist())
    found: Counter[str] = Counter()
    for planned in match_plan(run).item_blocks:
        if side not in planned.sides:
            continue
        commits = run.commits("segment", [planned.block])
        named = pc.field(column).is_valid()
        rows = read_rows(run.storage, commits, "segments", ["item_id", column], named)
        distinct = rows.group_by(["item_id", column]).aggregate([])
        for item_id, name in zip(distinct["item_id"].to_pylist(), distinct[column].to_pylist(), strict=True):
            found[name] += n_pairs[item_id]
    return Counter({name: found[name] for name in sorted(found) if found[name]})


def _rows(asked: _Asked, estimator: str) -> list[dict[str, object]]:
    totals = LabelWordTotals(len(asked.labels), len(asked.words))
    for block in fitted_blocks(asked.run, estimator):
        cells = _cells(asked, block, estimator)
        if cells is not None:
            totals.add(cells)
    means = totals.means(FEWEST_PAIRS)
    columns = [getattr(means, name).tolist() for name in _VALUES]
    names = zip(means.label.tolist(), means.word.tolist(), strict=True)
    return [
        {
            "estimator": estimator,
            "label": asked.labels[label],
            "word": asked.words[word],
            **dict(zip(_VALUES, values, strict=True)),
        }
        for (label, word), *values in zip(names, *columns, strict=True)
    ]


def _cells(asked: _Asked, block: FittedBlock, estimator: str) -> LabelledCells | None:
    """Cells of the block's matching pairs in columns of wanted words; None without any."""
    run, pairs = asked.run, asked.pairs
    columns = ["pair_id", "left_segment", "right_segment", "weight"]
    own = pc.field("estimator") == estimator
    cells = read_rows(run.storage, [block.fits], "interactions", columns, own)
    encoded = cells["pair_id"].combine_chunks().dictionary_encode()
    places = pairs.rows_of(encoded.dictionary.to_pylist())
    matching = asked.matching[places]
    if not matching.any():
        return None
    pair = encoded.indices.to_numpy().astype(np.int64)
    kept = matching[pair]
    cells, pair = cells.filter(pa.array(kept)), (np.cumsum(matching) - 1)[pair[kept]]
    lefts, rights = (pairs.column(f"{side}_id", places[matching]).tolist() for side in ("left", "right"))
    regions = segment_rows(run, block.segments, lefts, ["label", "share"])
    texts = segment_rows(run, block.segments, rights, ["word"])
    label = codes_of(regions.table["label"], asked.labels)
    label[(label < 0) & regions.table["label"].is_valid().to_numpy()] = NOT_KEPT
    region = regions.places(lefts, pair, cells["left_segment"].to_numpy().astype(np.int64))
    written = texts.places(rights, pair, cells["right_segment"].to_numpy().astype(np.int64))
    word = codes_of(texts.table["word"], asked.words)[written]
    known = word >= 0
    return LabelledCells(
        pair[known],
        label[region][known],
        word[known],
        cells["weight"].to_numpy().astype(np.float64)[known],
        regions.table["share"].to_numpy().astype(np.float64)[region][known],
    )
