"""Segments of the items of common pairs: which are the same in both runs, and what they are called."""
# pyright: reportAttributeAccessIssue=false
# pyarrow.compute makes its functions when it is imported, where no checker sees them.

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc
from jaxtyping import Int64

from ilime_core.segmentation.matched_regions import matched_regions
from tasks.model_comparison.common_pairs import CommonPairs
from tasks.runs.run import Run
from tasks.tables.row_filters import among

__all__ = ["LEVELS", "CommonSegments", "RunSegments", "common_segments"]

LEVELS = {"word": "text", "word_class": "text", "label": "image"}
"""Columns of ``segments`` that name a segment, and the modality of the items that have them."""

PIECE = 2_000
"""Items whose masks are in memory at once."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class RunSegments:
    """Segments of one run, item after item.

    Attributes
    ----------
    offsets
        Place of each item's first segment, and the number of all of them.
    names
        Number of the name of each segment by level; -1 where it has none.
    """

    offsets: Int64[np.ndarray, " items_and_one"]
    names: Mapping[str, Int64[np.ndarray, " segments"]]

    @property
    def most(self) -> int:
        """Segments of the item that has most."""
        return int(np.diff(self.offsets).max())


@dataclass(frozen=True, slots=True, eq=False)
class CommonSegments:
    """Segments of both runs.

    Attributes
    ----------
    a, b
        Of each run.
    in_a
        Segment of A that is the same as each segment of B, within its item; -1 without one.
    names
        Names by level, in the order of their numbers.
    counts
        By modality: segments of A, of B, and the same in both.
    """

    a: RunSegments
    b: RunSegments
    in_a: Int64[np.ndarray, " segments"]
    names: Mapping[str, Sequence[str]]
    counts: Mapping[str, tuple[int, int, int]]


@dataclass(frozen=True, slots=True, eq=False)
class _Cut:
    """One item as a run has cut it."""

    size: tuple[int, int]
    masks: list[str]
    spans: list[Span]
    names: dict[str, list[str | None]]

    def __len__(self) -> int:
        return len(self.spans)


def common_segments(pairs: CommonPairs) -> CommonSegments:
    """Match the segments of the two runs, item by item.

    Parameters
    ----------
    pairs
        Common pairs.

    Returns
    -------
    CommonSegments
        Words are the same where their characters are, regions where their masks in the upright original
        overlap (`ilime_core.segmentation.matched_regions`).
    """
    numbers: dict[str, dict[str, int]] = {level: {} for level in LEVELS}
    sizes: tuple[list[int], list[int]] = ([], [])
    names: tuple[dict[str, list[int]], dict[str, list[int]]] = tuple(
        {level: [] for level in LEVELS} for _ in range(2)
    )  # type: ignore[assignment]
    in_a: list[Int64[np.ndarray, " segments"]] = []
    counts: dict[str, list[int]] = {}
    for start in range(0, len(pairs.items), PIECE):
        ids = pairs.items[start : start + PIECE]
        cuts = [_cuts(run, ids) for run in pairs.runs]
        for item in ids:
            one, other = (cut[item] for cut in cuts)
            same = _same(one, other)
            in_a.append(same)
            count = counts.setdefault("image" if one.masks else "text", [0, 0, 0])
            for place, n in enumerate((len(one), len(other), int((same >= 0).sum()))):
                count[place] += n
            for side, cut in enumerate((one, other)):
                sizes[side].append(len(cut))
                for level, known in numbers.items():
                    names[side][level] += [
                        -1 if name is None else known.setdefault(name, len(known))
                        for name in cut.names[level]
                    ]
    of_runs = [
        RunSegments(
            np.concatenate([[0], np.cumsum(sizes[side], dtype=np.int64)]),
            {level: np.array(codes, dtype=np.int64) for level, codes in names[side].items()},
        )
        for side in range(2)
    ]
    return CommonSegments(
        a=of_runs[0],
        b=of_runs[1],
        in_a=np.concatenate(in_a),
        names={level: list(known) for level, known in numbers.items()},
        counts={modality: (one[0], one[1], one[2]) for modality, one in counts.items()},
    )


def _same(one: _Cut, other: _Cut) -> Int64[np.ndarray, " segments"]:
    if one.masks and other.masks:
        if one.size != other.size:
            return np.full(len(other), -1, dtype=np.int64)
        return matched_regions(one.masks, other.masks, *one.size)
    places = {span: segment for segment, span in enumerate(one.spans)}
    return np.array([places.get(span, -1) for span in other.spans], dtype=np.int64)


def _cuts(run: Run, ids: Sequence[str]) -> dict[str, _Cut]:
    wanted = among("item_id", ids) & (pc.field("item_id") >= ids[0]) & (pc.field("item_id") <= ids[-1])
    views = run.table("views", ["item_id", "original_height", "original_width"], wanted).to_pylist()
    sizes = {row["item_id"]: (row["original_height"] or 0, row["original_width"] or 0) for row in views}
    columns = ["item_id", "segment", "rle", "char_start", "char_end", *LEVELS]
    rows = run.table("segments", columns, wanted).sort_by(
        [("item_id", "ascending"), ("segment", "ascending")]
    )
    found = {item: _Cut(size, [], [], {level: [] for level in LEVELS}) for item, size in sizes.items()}
    for row in rows.to_pylist():
        cut = found[row["item_id"]]
        cut.spans.append((row["char_start"], row["char_end"]))
        if row["rle"] is not None:
            cut.masks.append(row["rle"])
        for level, values in cut.names.items():
            values.append(row[level])
    return found
