"""Cells of W that two runs have in common, and how well they agree pair by pair."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from jaxtyping import Int64

from ilime_core.interactions.model_agreement import CellAgreement, cell_agreement
from tasks.model_comparison.common_pairs import CommonPairs, PairPiece, reals
from tasks.model_comparison.common_segments import CommonSegments

__all__ = ["CommonCells", "common_cells"]

_COLUMNS = ("left_segment", "right_segment", "weight", "standard_error")


@dataclass(frozen=True, slots=True, eq=False)
class CommonCells:
    """Agreement of the common cells, and cells of A, of B, and in common."""

    agreement: CellAgreement
    counts: tuple[int, int, int]


def common_cells(pairs: CommonPairs, segments: CommonSegments) -> CommonCells:
    """Correlate W of both runs over the segments that are the same in both.

    Parameters
    ----------
    pairs
        Common pairs.
    segments
        Segments of their items.

    Returns
    -------
    CommonCells
        One entry per pair.
    """
    found = [_of_piece(pairs, segments, piece) for piece in pairs.pieces]
    agreements = [one.agreement for one in found]
    first, second, both = (sum(one.counts[place] for one in found) for place in range(3))
    return CommonCells(
        CellAgreement(
            *(
                np.concatenate([getattr(one, name) for one in agreements])
                for name in CellAgreement.__dataclass_fields__
            )
        ),
        (first, second, both),
    )


def _of_piece(pairs: CommonPairs, segments: CommonSegments, piece: PairPiece) -> CommonCells:
    first, second = (pairs.rows(run, "interactions", _COLUMNS, piece) for run in pairs.runs)
    cells = (_cells(first, pairs, segments, in_a=True), _cells(second, pairs, segments, in_a=False))
    keys, one, other = np.intersect1d(*cells, return_indices=True)  # A has no -1
    agreement = cell_agreement(
        (reals(first, "weight")[one], reals(second, "weight")[other]),
        (reals(first, "standard_error")[one], reals(second, "standard_error")[other]),
        keys // segments.a.most**2 - piece.start,
        piece.stop - piece.start,
    )
    return CommonCells(agreement, (first.num_rows, second.num_rows, len(keys)))


def _cells(
    rows: pa.Table, pairs: CommonPairs, segments: CommonSegments, *, in_a: bool
) -> Int64[np.ndarray, " cells"]:
    """Number of each cell by its pair and the segments of A; -1 where A lacks one of them."""
    pair = rows["pair"].to_numpy()
    left, right = (rows[f"{side}_segment"].to_numpy().astype(np.int64) for side in ("left", "right"))
    if not in_a:
        offsets = segments.b.offsets
        left = segments.in_a[offsets[pairs.left[pair]] + left]
        right = segments.in_a[offsets[pairs.right[pair]] + right]
    most = segments.a.most
    return np.where((left >= 0) & (right >= 0), (pair * most + left) * most + right, -1)
