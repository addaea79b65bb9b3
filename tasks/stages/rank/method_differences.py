"""Method against method: differences of their explanations' values, pair by pair."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
from jaxtyping import Float, Int64

from ilime_core.aggregates.method_differences import MethodDifference, MethodQuestion, method_differences
from ilime_core.faithfulness.measurement import Control
from ilime_core.faithfulness.registry import reported
from tasks.stages.mean_columns import mean_columns
from tasks.stages.rank.contests import competes
from tasks.stages.rank.ranked_values import MetricKind, MetricValues, RankedPair, relations_of

__all__ = ["difference_rows"]

SCALE = "raw"
"""Only raw values are compared between methods."""


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """Which method is better: in one variant of one metric, over the pairs of one relation."""

    kind: MetricKind
    """Of no estimator."""
    relation: str
    direction: str
    methods: Sequence[str]
    question: MethodQuestion


def difference_rows(
    values: Iterable[MetricValues], pairs: Mapping[str, RankedPair], order: Sequence[str] = ()
) -> list[dict[str, object]]:
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
    list of dict
        One for each two methods, metric variant and relation; see
        `ilime_core.aggregates.method_differences` for the corrections.
    """
    asked = list(_asked(values, pairs, order))
    return [_row(asked[one.question], one) for one in method_differences([each.question for each in asked])]


def _asked(
    values: Iterable[MetricValues], pairs: Mapping[str, RankedPair], order: Sequence[str]
) -> Iterator[_Asked]:
    place = {name: number for number, name in enumerate(order)}
    by_kind: dict[MetricKind, dict[str, MetricValues]] = {}
    for one in values:
        kind = one.kind
        known = (SCALE, Control.EXPLANATION) in one.values
        if known and competes(kind.estimator, kind.metric, kind.mode):
            by_kind.setdefault(replace(kind, estimator=""), {})[kind.estimator] = one
    for kind, methods in sorted(by_kind.items()):
        names = sorted(methods, key=lambda name: (place.get(name, len(place)), name))
        ids = sorted({pair_id for one in methods.values() for pair_id in one.pairs})
        mine = [pairs[pair_id] for pair_id in ids]
        table = np.array([_aligned(methods[name], ids) for name in names])
        left, right = _codes([pair.left_id for pair in mine]), _codes([pair.right_id for pair in mine])
        bounds = reported(kind.metric).range_of(kind.mode, SCALE)
        direction = next(iter(methods.values())).direction
        for relation, here in relations_of(mine):
            question = MethodQuestion(table[:, here], left[here], right[here], bounds)
            yield _Asked(kind, relation, direction, names, question)


def _aligned(values: MetricValues, ids: Sequence[str]) -> Float[np.ndarray, " pairs"]:
    own = dict(zip(values.pairs, values.values[SCALE, Control.EXPLANATION].tolist(), strict=True))
    return np.array([own.get(pair_id, np.nan) for pair_id in ids])


def _codes(names: Sequence[str]) -> Int64[np.ndarray, " pairs"]:
    return np.unique(np.asarray(names), return_inverse=True)[1].astype(np.int64)


def _row(asked: _Asked, found: MethodDifference) -> dict[str, object]:
    return {
        **asdict(asked.kind),
        "estimator": asked.methods[found.one],
        "rival": asked.methods[found.other],
        "relation": asked.relation,
        "scale": SCALE,
        "direction": asked.direction,
        **mean_columns(found.mean, found.n_either),
        "p_value": found.p_value,
        "p_adjusted": found.p_adjusted,
        "smallest_difference": found.smallest,
    }
