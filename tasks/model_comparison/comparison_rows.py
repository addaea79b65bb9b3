"""Rows of table ``comparisons`` from what was found."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from jaxtyping import Bool, Float

from ilime_core.aggregates.bounds import UNBOUNDED, Bounds
from ilime_core.aggregates.clustered_mean import ClusteredMean, mean_by_codes
from ilime_core.aggregates.corrections import question_by_question
from ilime_core.aggregates.paired_queries import paired_successes
from ilime_core.aggregates.run_differences import run_differences
from ilime_core.interactions.model_agreement import disattenuation
from tasks.model_comparison.common_cells import CommonCells
from tasks.model_comparison.common_effects import SIDES, NamedEffects, SegmentChanges
from tasks.model_comparison.common_pairs import CommonPairs
from tasks.model_comparison.common_segments import LEVELS, CommonSegments
from tasks.model_comparison.queries import CommonQueries
from tasks.tables.comparisons import NO_SEGMENT

__all__ = [
    "Row",
    "agreement_rows",
    "change_rows",
    "common_pair_rows",
    "named_rows",
    "query_rows",
    "recall_rows",
]

Row = dict[str, object]

RECALLS = (1, 5, 10)

_CORRELATION = Bounds(-1.0, 1.0)


def agreement_rows(
    pairs: CommonPairs, segments: CommonSegments, cells: CommonCells, *, shared_masks: bool
) -> Iterator[Row]:
    """Rows of the benchmark on W: what is common, scales, reliabilities and correlations.

    Parameters
    ----------
    pairs, segments, cells
        What both runs have in common.
    shared_masks
        Whether both runs have drawn the same masks, so that their errors may go together.

    Returns
    -------
    iterator of dict
        Columns by name.
    """
    found = cells.agreement

    def mean(values: Float[np.ndarray, " pairs"], bounds: Bounds = UNBOUNDED) -> ClusteredMean:
        return mean_by_codes(values, pairs.left, pairs.right, bounds=bounds)

    yield _row("benchmark", "W", "pairs") | _beside(pairs.n_pairs, len(pairs.pair_ids))
    for modality, (first, second, both) in sorted(segments.counts.items()):
        yield _row("benchmark", modality, "segments") | _beside((first, second), both)
    yield _row("benchmark", "W", "cells") | _beside(cells.counts[:2], cells.counts[2])
    yield _row("benchmark", "W", "scale") | _beside(pairs.scales, None) | {"n": len(pairs.pair_ids)}
    reliabilities = found.first_reliability, found.second_reliability
    means = tuple(mean(one).mean for one in reliabilities)
    yield (
        _row("benchmark", "W", "reliability")
        | _beside(means, None)
        | {"n": mean(reliabilities[0] + reliabilities[1]).n}
    )
    yield _row("benchmark", "W", "correlation") | _value(mean(found.correlation, _CORRELATION))
    corrected = {"disattenuated": found.correlation}
    if shared_masks:
        corrected["disattenuated_least"] = found.correlation - found.common_error
    for quantity, correlation in corrected.items():
        true = disattenuation(correlation, *reliabilities)
        row = _row("benchmark", "W", quantity)
        yield row if true is None else row | _value(mean(true.influence))


def named_rows(found: Sequence[NamedEffects], segments: CommonSegments) -> Iterator[Row]:
    """Rows of words, classes and labels, corrected together.

    Parameters
    ----------
    found
        Shares and effects by level.
    segments
        Names of their numbers.

    Returns
    -------
    iterator of dict
        Columns by name.
    """
    questions = [(one.level, "mass_share", one.shares) for one in found]
    questions += [(one.level, "intact_effect", one.effects) for one in found]
    for one in run_differences([values for _, _, values in questions]):
        level, quantity, _ = questions[one.question]
        yield (
            _row(level, segments.names[level][one.name], quantity)
            | {"value_a": one.first, "value_b": one.second, "difference": one.difference.mean}
            | _interval(one.difference)
            | {"p_value": one.p_value, "p_adjusted": one.p_adjusted}
        )


def common_pair_rows(pairs: CommonPairs, cells: CommonCells) -> Iterator[Row]:
    """Rows of every common pair: correlation, joint effect on each run's scale, ranks.

    Parameters
    ----------
    pairs, cells
        What both runs have in common.

    Returns
    -------
    iterator of dict
        Columns by name.
    """
    joint = [
        (effects / scale).tolist() for effects, scale in zip(pairs.joint_effects, pairs.scales, strict=True)
    ]
    ranks = {one: [known.tolist() for known in both] for one, both in pairs.ranks.items()}
    correlations, counts = cells.agreement.correlation.tolist(), cells.agreement.n_cells.tolist()
    for place, name in enumerate(pairs.pair_ids):
        yield _row("pair", name, "correlation") | {"value": correlations[place], "n": counts[place]}
        yield _row("pair", name, "joint_effect") | _change(joint[0][place], joint[1][place])
        for direction, (first, second) in ranks.items():
            yield _row("pair", name, "rank", direction) | _change(first[place], second[place])


def change_rows(pairs: CommonPairs, segments: CommonSegments, changes: SegmentChanges) -> Iterator[Row]:
    """Rows of segments whose effect has changed most, of pairs whose rank has changed.

    Parameters
    ----------
    pairs, segments
        What both runs have in common.
    changes
        The segments.

    Returns
    -------
    iterator of dict
        Columns by name.
    """
    sides = pairs.left, pairs.right
    for place in range(len(changes.pair)):
        pair, side, segment = (int(one[place]) for one in (changes.pair, changes.side, changes.segment))
        at = int(segments.a.offsets[sides[side][pair]]) + segment
        level = "word" if pairs.modalities[side] == LEVELS["word"] else "label"
        name = int(segments.a.names[level][at])
        yield (
            _row("segment", pairs.pair_ids[pair], "intact_effect", SIDES[side])
            | _change(float(changes.effects[0][place]), float(changes.effects[1][place]))
            | {
                "segment": segment,
                "segment_b": int(changes.segment_b[place]),
                "text": segments.names[level][name] if name >= 0 else None,
                "standard_error": float(changes.standard_error[place]),
            }
        )


def recall_rows(queries: Mapping[str, CommonQueries]) -> Iterator[Row]:
    """Rows of recall and of failed queries; recalls that some query tells apart are corrected together.

    Parameters
    ----------
    queries
        Common queries by direction.

    Returns
    -------
    iterator of dict
        Columns by name.
    """
    rows: list[Row] = []
    for direction, own in queries.items():
        for k in RECALLS:
            found = paired_successes(own.succeeds(0, k), own.succeeds(1, k), own.groups)
            if found is None:
                continue
            differs = found.first_only + found.second_only > 0
            rows.append(
                _row("benchmark", direction, f"recall_at_{k}", direction)
                | {"value_a": found.first, "value_b": found.second, "difference": found.difference.mean}
                | _interval(found.difference)
                | {"p_value": found.p_value if differs else None}
            )
    tested = [row for row in rows if row["p_value"] is not None]
    asked = np.array([row["p_value"] for row in tested], dtype=np.float64)
    adjusted = question_by_question(asked, np.zeros(len(tested), dtype=np.int64))
    for row, p_adjusted in zip(tested, adjusted.tolist(), strict=True):
        row["p_adjusted"] = p_adjusted
    yield from rows
    for direction, own in queries.items():
        failed = _failed(own)
        n = {"n": len(own.query_ids)}
        counts = tuple(int(one.sum()) for one in failed)
        only = tuple(int((one & ~other).sum()) for one, other in (failed, failed[::-1]))
        yield _row("benchmark", direction, "failed", direction) | _beside(counts, None) | n
        yield _row("benchmark", direction, "failed_in_one", direction) | _beside(only, None) | n
        both = int((failed[0] & failed[1]).sum())
        yield _row("benchmark", direction, "failed_in_both", direction) | {"value": both} | n


def query_rows(queries: Mapping[str, CommonQueries], scales: tuple[float, float]) -> Iterator[Row]:
    """Rows of the queries that a run fails: which run, and by what margin on its scale.

    Parameters
    ----------
    queries
        Common queries by direction.
    scales
        Of A and B.

    Returns
    -------
    iterator of dict
        Columns by name.
    """
    for direction, own in queries.items():
        failed = _failed(own)
        for place in np.flatnonzero(failed[0] | failed[1]).tolist():
            name = own.query_ids[place]
            yield _row("query", name, "failed", direction) | _change(*(float(one[place]) for one in failed))
            margins = (float(one[place]) / scale for one, scale in zip(own.margins, scales, strict=True))
            yield _row("query", name, "margin", direction) | _change(*margins)


def _failed(own: CommonQueries) -> tuple[Bool[np.ndarray, " queries"], Bool[np.ndarray, " queries"]]:
    return ~own.succeeds(0, 1), ~own.succeeds(1, 1)


def _row(level: str, name: str, quantity: str, side: str = "both") -> Row:
    return {"level": level, "name": name, "quantity": quantity, "side": side, "segment": NO_SEGMENT}


def _beside(values: Sequence[float | None], both: int | None) -> Row:
    return {"value_a": values[0], "value_b": values[1], "value": both}


def _change(first: float, second: float) -> Row:
    return {"value_a": first, "value_b": second, "difference": second - first}


def _value(mean: ClusteredMean) -> Row:
    return {"value": mean.mean} | _interval(mean)


def _interval(mean: ClusteredMean) -> Row:
    return {
        "standard_error": mean.standard_error,
        "low": mean.low,
        "high": mean.high,
        "n": mean.n,
        "n_left": mean.n_left,
        "n_right": mean.n_right,
    }
