"""Method against method: differences of their explanations' values, pair by pair."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from jaxtyping import Float, Int64

from ilime_core.aggregates.clustered_mean import mean_by_codes
from ilime_core.aggregates.corrections import LEVEL, question_by_question
from ilime_core.aggregates.power import smallest_difference
from ilime_core.faithfulness.measurement import Control
from ilime_core.faithfulness.registry import reported
from tasks.stages.rank.contests import competes
from tasks.stages.rank.ranked_values import ALL, KINDS, MetricValues, RankedPair, mean_columns

__all__ = ["difference_rows"]

SCALE = "raw"
"""Only raw values are compared between methods."""

ROUNDING = 1e-5
"""Share of the larger value; smaller differences of two methods are rounding and count as none."""

Row = dict[str, object]


@dataclass(frozen=True, slots=True, eq=False)
class _Question:
    """Which method is better: in one variant of one metric, over the pairs of one relation."""

    key: Mapping[str, str]
    """Columns that identify the question."""
    direction: str
    methods: Sequence[str]
    values: Float[np.ndarray, "methods pairs"]
    """Values of the explanations; NaN where unknown."""
    left: Int64[np.ndarray, " pairs"]
    right: Int64[np.ndarray, " pairs"]


def difference_rows(
    values: Iterable[MetricValues], pairs: Mapping[str, RankedPair], order: Sequence[str] = ()
) -> list[Row]:
    """Rows of ``method_differences``, without the measurement's id.

    Parameters
    ----------
    values
        All metrics of all methods.
    pairs
        Measured pairs by id.
    order
        Methods as the spec names them: of two the earlier one is ``estimator``, the other ``rival``.

    Returns
    -------
    list of Row
        One for each two methods, metric variant and relation.

    Notes
    -----
    P-values are corrected by `question_by_question`, apart from those of the comparisons with controls: which
    method is better, and whether one is better than chance, are other questions, with other shares of true
    answers, and the many easy answers to the one would loosen the test of the other [1]_. A question is one
    variant of one metric over the pairs of one relation, because that is what is answered as a whole: who is
    the best. Within it Holm's procedure holds for any dependence, which differences that share methods and
    pairs have. Between questions, which share pairs and methods, too, Benjamini and Hochberg choose those
    that have an answer: this takes positive dependence, and is checked by simulation (bench_intervals.py).

    References
    ----------
    .. [1] B. Efron, "Simultaneous Inference: When Should Hypothesis Testing Problems Be Combined?", Annals of
       Applied Statistics 2(1), 2008, pp. 197-223, doi:10.1214/07-AOAS141.
    """
    rows: list[Row] = []
    asked: list[int] = []
    for number, question in enumerate(_questions(values, pairs, order)):
        found = list(_compared(question))
        tested = [row for row in found if row["p_value"] is not None]
        for row in tested:
            error, degrees = row["standard_error"], row["degrees"]
            row["smallest_difference"] = smallest_difference(error, degrees, LEVEL / len(tested))  # type: ignore[arg-type]
        rows += found
        asked += [number] * len(tested)
    tested = [row for row in rows if row["p_value"] is not None]
    p_values = np.array([row["p_value"] for row in tested], dtype=np.float64)
    adjusted = question_by_question(p_values, np.array(asked, dtype=np.int64))
    for row, value in zip(tested, adjusted.tolist(), strict=True):
        row["p_adjusted"] = value
    return rows


def _questions(
    values: Iterable[MetricValues], pairs: Mapping[str, RankedPair], order: Sequence[str]
) -> Iterator[_Question]:
    known = [one for one in values if (SCALE, Control.EXPLANATION) in one.values]
    by_kind: dict[tuple[str, ...], dict[str, MetricValues]] = {}
    for one in known:
        estimator, metric, mode = one.kind[:3]
        if competes(estimator, metric, mode):
            by_kind.setdefault(one.kind[1:], {})[estimator] = one
    for kind, methods in sorted(by_kind.items()):
        place = {name: number for number, name in enumerate(order)}
        names = sorted(methods, key=lambda name: (place.get(name, len(place)), name))
        ids = sorted({pair_id for one in methods.values() for pair_id in one.pairs})
        table = np.array([_aligned(methods[name], ids) for name in names])
        relation_of = np.array([pairs[pair_id].relation for pair_id in ids])
        relations = sorted(set(relation_of.tolist()))
        left, right = (
            _codes([getattr(pairs[pair_id], side) for pair_id in ids]) for side in ("left_id", "right_id")
        )
        for relation in [ALL, *relations] if len(relations) > 1 else [ALL]:
            here = np.ones(len(ids), dtype=bool) if relation == ALL else relation_of == relation
            yield _Question(
                {**dict(zip(KINDS[1:], kind, strict=True)), "relation": relation, "scale": SCALE},
                next(iter(methods.values())).direction,
                names,
                table[:, here],
                left[here],
                right[here],
            )


def _aligned(values: MetricValues, ids: Sequence[str]) -> Float[np.ndarray, " pairs"]:
    own = dict(zip(values.pairs, values.values[SCALE, Control.EXPLANATION].tolist(), strict=True))
    return np.array([own.get(pair_id, np.nan) for pair_id in ids])


def _codes(names: Sequence[str]) -> Int64[np.ndarray, " pairs"]:
    return np.unique(np.asarray(names), return_inverse=True)[1].astype(np.int64)


def _compared(question: _Question) -> Iterator[Row]:
    """Every two methods that have the value on common pairs."""
    metric, mode = question.key["metric"], question.key["mode"]
    bounds = reported(metric).range_of(mode, SCALE).of_difference
    for one, other in combinations(range(len(question.methods)), 2):
        ours, theirs = question.values[one], question.values[other]
        gaps = ours - theirs
        gaps[np.abs(gaps) <= ROUNDING * np.maximum(np.abs(ours), np.abs(theirs))] = 0.0
        mean = mean_by_codes(gaps, question.left, question.right, bounds=bounds)
        if not mean.n:
            continue
        either = int((~np.isnan(ours) | ~np.isnan(theirs)).sum())
        yield {
            **question.key,
            "estimator": question.methods[one],
            "rival": question.methods[other],
            "direction": question.direction,
            **mean_columns(mean, either),
            "p_value": mean.p_value(0.0),
        }
