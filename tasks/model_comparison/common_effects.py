"""Effects of segments in two runs: by the names of the segments, and one by one where ranks have changed."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int64

from ilime_core.aggregates.bounds import UNBOUNDED, Bounds
from ilime_core.aggregates.run_differences import NamedValues
from tasks.model_comparison.common_pairs import CommonPairs, PairPiece, reals
from tasks.model_comparison.common_segments import LEVELS, CommonSegments, RunSegments

__all__ = ["CHANGES", "SIDES", "CommonEffects", "NamedEffects", "SegmentChanges", "common_effects"]

SIDES = ("left", "right")

CHANGES = 5
"""Segments listed of a pair whose rank has changed."""

_COLUMNS = ("side", "segment", "mass", "intact_effect", "intact_standard_error")


@dataclass(frozen=True, slots=True, eq=False)
class NamedEffects:
    """Sums over the segments of a name within each pair that has it in both runs.

    Attributes
    ----------
    level
        One of `LEVELS`.
    shares
        Of the mass of the sides that have names of this level.
    effects
        With the other item whole, on the scale of each run.
    """

    level: str
    shares: NamedValues
    effects: NamedValues


@dataclass(frozen=True, slots=True, eq=False)
class SegmentChanges:
    """Segments whose effect has changed most, of pairs whose rank has changed.

    Attributes
    ----------
    pair, side, segment, segment_b
        Place of the pair, of the side in `SIDES`, and the segment in A and in B.
    effects
        In A and B, with the other item whole, on the scale of each run.
    standard_error
        Of the change, if the errors of both runs are independent.
    """

    pair: Int64[np.ndarray, " changes"]
    side: Int64[np.ndarray, " changes"]
    segment: Int64[np.ndarray, " changes"]
    segment_b: Int64[np.ndarray, " changes"]
    effects: tuple[Float[np.ndarray, " changes"], Float[np.ndarray, " changes"]]
    standard_error: Float[np.ndarray, " changes"]


@dataclass(frozen=True, slots=True, eq=False)
class CommonEffects:
    """Effects by name, level by level, and the largest changes."""

    named: tuple[NamedEffects, ...]
    changes: SegmentChanges


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Rows of ``main_effects`` of one run and one piece."""

    pair: Int64[np.ndarray, " rows"]
    side: Int64[np.ndarray, " rows"]
    segment: Int64[np.ndarray, " rows"]
    place: Int64[np.ndarray, " rows"]
    """Of the segment in `RunSegments`."""
    mass: Float[np.ndarray, " rows"]
    effect: Float[np.ndarray, " rows"]
    error: Float[np.ndarray, " rows"]


def common_effects(
    pairs: CommonPairs, segments: CommonSegments, changed: Bool[np.ndarray, " pairs"]
) -> CommonEffects:
    """Compare the effects of segments in two runs.

    Parameters
    ----------
    pairs
        Common pairs.
    segments
        Segments of their items.
    changed
        Pairs of which single segments are listed.

    Returns
    -------
    CommonEffects
        Names need no segment in common: they are summed in each run apart.
    """
    sums: dict[str, list[_Sums]] = {level: [] for level in LEVELS}
    changes: list[SegmentChanges] = []
    for piece in pairs.pieces:
        rows = (_rows(pairs, segments.a, 0, piece), _rows(pairs, segments.b, 1, piece))
        for level, found in sums.items():
            if segments.names[level]:
                found.append(_named(pairs, segments, level, rows))
        changes.append(_changes(segments, rows, changed))
    named = tuple(_of_level(pairs, level, found) for level, found in sums.items() if found)
    return CommonEffects(named, _joined(changes))


def _rows(pairs: CommonPairs, own: RunSegments, run: int, piece: PairPiece) -> _Rows:
    table = pairs.rows(pairs.runs[run], "main_effects", _COLUMNS, piece)
    pair = table["pair"].to_numpy()
    side = (table["side"].to_numpy(zero_copy_only=False) == SIDES[1]).astype(np.int64)
    segment = table["segment"].to_numpy().astype(np.int64)
    item = np.where(side == 1, pairs.right[pair], pairs.left[pair])
    effect, error = (reals(table, name) / pairs.scales[run] for name in _COLUMNS[3:])
    return _Rows(pair, side, segment, own.offsets[item] + segment, reals(table, "mass"), effect, error)


@dataclass(frozen=True, slots=True, eq=False)
class _Sums:
    pair: Int64[np.ndarray, " values"]
    name: Int64[np.ndarray, " values"]
    shares: tuple[Float[np.ndarray, " values"], Float[np.ndarray, " values"]]
    effects: tuple[Float[np.ndarray, " values"], Float[np.ndarray, " values"]]


def _named(pairs: CommonPairs, segments: CommonSegments, level: str, rows: tuple[_Rows, _Rows]) -> _Sums:
    sides = np.array([modality == LEVELS[level] for modality in pairs.modalities])
    count = len(segments.names[level])
    keys, shares, effects = [], [], []
    for own, segmented in zip(rows, (segments.a, segments.b), strict=True):
        here = sides[own.side]
        masses = np.bincount(own.pair[here], weights=own.mass[here], minlength=len(pairs.pair_ids))
        whole = np.where(masses > 0, masses, np.nan)
        code = segmented.names[level][own.place]
        here &= code >= 0
        key, where = np.unique(own.pair[here] * count + code[here], return_inverse=True)
        keys.append(key)
        shares.append(np.bincount(where, weights=own.mass[here], minlength=len(key)) / whole[key // count])
        effects.append(np.bincount(where, weights=own.effect[here], minlength=len(key)))
    both, one, other = np.intersect1d(*keys, assume_unique=True, return_indices=True)
    return _Sums(
        pair=both // count,
        name=both % count,
        shares=(shares[0][one], shares[1][other]),
        effects=(effects[0][one], effects[1][other]),
    )


def _of_level(pairs: CommonPairs, level: str, found: list[_Sums]) -> NamedEffects:
    pair, name = (np.concatenate([getattr(one, field) for one in found]) for field in ("pair", "name"))

    def values(field: str, bounds: Bounds) -> NamedValues:
        first, second = (np.concatenate([getattr(one, field)[run] for one in found]) for run in range(2))
        return NamedValues(name, first, second, pairs.left[pair], pairs.right[pair], bounds)

    return NamedEffects(level, values("shares", Bounds(0.0, 1.0)), values("effects", UNBOUNDED))


def _changes(
    segments: CommonSegments, rows: tuple[_Rows, _Rows], changed: Bool[np.ndarray, " pairs"]
) -> SegmentChanges:
    first, second = rows
    in_a = segments.in_a[second.place]
    kept = (np.flatnonzero(changed[first.pair]), np.flatnonzero(changed[second.pair] & (in_a >= 0)))
    most = segments.a.most
    keys = [
        (own.pair[at] * 2 + own.side[at]) * most + number[at]
        for own, number, at in zip(rows, (first.segment, in_a), kept, strict=True)
    ]
    _, one, other = np.intersect1d(*keys, assume_unique=True, return_indices=True)
    one, other = kept[0][one], kept[1][other]
    sizes = np.abs(second.effect[other] - first.effect[one])
    order = np.lexsort((-sizes, first.pair[one]))
    one, other = one[order], other[order]
    pair = first.pair[one]
    starts = np.flatnonzero(np.diff(pair, prepend=-1))
    rank = np.arange(len(pair)) - np.repeat(starts, np.diff(np.append(starts, len(pair))))
    one, other = one[rank < CHANGES], other[rank < CHANGES]
    return SegmentChanges(
        pair=first.pair[one],
        side=first.side[one],
        segment=first.segment[one],
        segment_b=second.segment[other],
        effects=(first.effect[one], second.effect[other]),
        standard_error=np.hypot(first.error[one], second.error[other]),
    )


def _joined(found: list[SegmentChanges]) -> SegmentChanges:
    first, second = (np.concatenate([one.effects[run] for one in found]) for run in range(2))
    names = ("pair", "side", "segment", "segment_b")
    whole = {name: np.concatenate([getattr(one, name) for one in found]) for name in names}
    return SegmentChanges(
        **whole, effects=(first, second), standard_error=np.concatenate([one.standard_error for one in found])
    )
