"""Accuracy over the contrasts of a run, by direction, edit and category."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ilime_core.aggregates.bounds import Bounds
from ilime_core.aggregates.clustered_mean import ClusteredMean, clustered_mean
from ilime_core.aggregates.wilson import wilson_interval
from ilime_core.edits.registry import EDITS
from tasks.corpora.contrasts import Contrast
from tasks.stages.match.contrasts import PlacedContrasts
from tasks.stages.match.tables import DIRECTIONS
from tasks.tables import TABLES

__all__ = ["accuracy_table"]

_ALL, _BOTH = "all", "both"
_SHARE = Bounds(0.0, 1.0)
_MARGIN, _CHANGE = Bounds(-2.0, 2.0), Bounds(0.0, 2.0)
"""Ranges of a difference of two cosines, and of its size."""

Row = Mapping[str, object]
Group = tuple[str, str, str]
"""Direction, edit and category."""


@dataclass(frozen=True, slots=True)
class _Held:
    """One row of the table ``contrasts``, as far as accuracy reads it."""

    question: str
    edit: str
    category: str
    direction: str
    query_id: str
    correct_id: str
    margin: float
    won: bool
    tied: bool


def accuracy_table(contrasts: pa.Table, placed: PlacedContrasts) -> pa.Table:
    """Shares of contrasts and of questions that are won, and mean margins.

    Parameters
    ----------
    contrasts
        Rows of the table ``contrasts``.
    placed
        What they were made from; counts those without a score.

    Returns
    -------
    pyarrow.Table
        Rows of the table ``contrast_accuracy``.
    """
    names = _Held.__slots__
    held = [_Held(**row) for row in contrasts.select(list(names)).to_pylist()]
    lost = {
        "n_unknown": Counter(group for one in placed.unusable for group in _groups(one)),
        "n_unedited": Counter(group for one in placed.unedited for group in _groups(one)),
    }
    by_group: dict[Group, list[_Held]] = defaultdict(list)
    for one in held:
        for group in _groups(one):
            by_group[group].append(one)
    rows: list[Row] = []
    for group in sorted({*by_group, *lost["n_unknown"], *lost["n_unedited"]}):
        counts = {name: counted[group] for name, counted in lost.items()}
        own = by_group.get(group, [])
        others = [one for one in held if one.edit in EDITS.entries and one.edit != group[1]]
        measures = (*_of_contrasts(own), *_relative(group, own, others))
        rows += [{**_keys(group), **measure, **counts} for measure in measures]
    rows += _of_questions(held, placed.unusable)
    return pa.Table.from_pylist(rows, schema=TABLES["contrast_accuracy"].schema)


def _groups(one: _Held | Contrast) -> set[Group]:
    """Its own category and all; a caption that is not edited has no category."""
    return {(one.direction, one.edit, name) for name in (one.category or _ALL, _ALL)}


def _keys(group: Group) -> Row:
    return dict(zip(("direction", "edit", "category"), group, strict=True))


def _of_contrasts(own: Sequence[_Held]) -> Iterator[Row]:
    n_won = sum(one.won for one in own)
    n_lost = sum(not one.won and not one.tied for one in own)
    queries, answers = [one.query_id for one in own], [one.correct_id for one in own]
    margins = np.array([one.margin for one in own], dtype=np.float64)
    for name, n_true, hits in (("won", n_won, margins > 0), ("lost", n_lost, margins < 0)):
        share = _share(name, n_true, len(own), 0.5)
        if min(len(set(queries)), len(set(answers))) < len(own):
            mean = clustered_mean(hits.astype(np.float64), queries, answers, bounds=_SHARE)
            share |= _wider(wilson_interval(n_true, len(own)), mean)
        yield share
    for name, values, bounds, chance in (
        ("margin", margins, _MARGIN, 0.0),
        ("change", np.abs(margins), _CHANGE, None),
    ):
        mean = clustered_mean(values, queries, answers, bounds=bounds)
        ends = {"low": mean.low, "high": mean.high}
        yield {"measure": name, "value": mean.mean, **ends, "chance": chance, "n": mean.n}


def _wider(ends: tuple[float, float] | None, mean: ClusteredMean) -> Row:
    """Ends of what covers both intervals; none where one of them is not known.

    Queries that all win alike have no spread, and their clustered interval no width.
    """
    if ends is None or mean.low is None or mean.high is None:
        return {"low": None, "high": None}
    return {"low": min(ends[0], mean.low), "high": max(ends[1], mean.high)}


def _relative(group: Group, own: Sequence[_Held], others: Sequence[_Held]) -> Iterator[Row]:
    """Mean change of an edit of ilime's own in units of that of its other edits."""
    if group[2] != _ALL or group[1] not in EDITS.entries or not own:
        return
    rest = [abs(one.margin) for one in others]
    if rest and (scale := math.fsum(rest) / len(rest)) > 0:
        value = math.fsum(abs(one.margin) for one in own) / len(own) / scale
        yield {"measure": "relative_change", "value": value, "n": len(own)}


def _share(measure: str, n_true: int, n: int, chance: float | None) -> dict[str, object]:
    ends = wilson_interval(n_true, n)
    return {
        "measure": measure,
        "value": n_true / n if n else None,
        "low": None if ends is None else ends[0],
        "high": None if ends is None else ends[1],
        "chance": chance,
        "n": n,
    }


def _of_questions(held: Sequence[_Held], unusable: Sequence[Contrast]) -> Iterator[Row]:
    """Share of the questions whose contrasts are all won, where some have several."""
    unknown = {(one.edit, one.question) for one in unusable}
    ways: dict[str, set[str]] = defaultdict(set)
    for one in held:
        ways[one.edit].add(one.direction)
    questions: dict[tuple[str, str], dict[str, list[_Held]]] = defaultdict(lambda: defaultdict(list))
    for one in held:
        directions = (one.direction, _BOTH) if len(ways[one.edit]) == len(DIRECTIONS) else (one.direction,)
        for direction in directions:
            questions[direction, one.edit][one.question].append(one)
    for (direction, edit), found in sorted(questions.items()):
        if all(len(own) == 1 for own in found.values()):
            continue
        known = {name: own for name, own in found.items() if (edit, name) not in unknown}
        categories = sorted({own[0].category for own in known.values()} | {_ALL})
        for category in categories:
            chosen = [own for own in known.values() if category in {_ALL, own[0].category}]
            chances = [_chance(own) for own in chosen]
            chance = math.fsum(chances) / len(chances) if chances else None
            n_true = sum(all(one.won for one in own) for own in chosen)
            n_unknown = sum(name == edit for name, _ in unknown) if category == _ALL else None
            measure = _share("all_won", n_true, len(chosen), chance)
            counts = {"n_unknown": n_unknown, "n_unedited": 0}
            yield {**_keys((direction, edit, category)), **measure, **counts}


def _chance(own: Sequence[_Held]) -> float:
    """Chance that independent scores of one distribution win all contrasts of a question."""
    by_query = Counter((one.direction, one.query_id) for one in own)
    if len({direction for direction, _ in by_query}) < len(DIRECTIONS):
        return math.prod(1 / (n + 1) for n in by_query.values())
    # Winoground's four scores: the two correct pairs have to be the two highest.
    n_correct = len({(one.query_id, one.correct_id) for one in own if one.direction == DIRECTIONS[0]})
    return 1 / math.comb(2 * n_correct, n_correct)
