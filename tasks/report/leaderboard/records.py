"""Leaderboard of one measurement: its entries and the paired differences of methods; summaries of others."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from ilime_core.faithfulness.registry import COST, REPORTED
from ilime_core.faithfulness.reported import Group
from tasks.report.leaderboard.entries import BoardEntry, Variant
from tasks.report.leaderboard.metrics import HEADLINES, meaning_of
from tasks.report.leaderboard.verdicts import BoardEstimate, Leaders, leaders
from tasks.runs.sides import SideWords
from tasks.stages.rank.contests import competes

__all__ = ["ALL", "MEASURED", "Leaderboard", "MeasurementSummary", "widest_first"]

ALL = "all"
"""Pairs of every relation."""

_SIDES = ("both", "left", "right")
_AXES = ("none", "count", "area")
_SCALES = ("raw", "normalised")


MEASURED = ("measure_id", "metric", "estimator")
"""Columns that the extent of a measurement is counted from."""


@dataclass(frozen=True, slots=True)
class MeasurementSummary:
    """Extent of one measurement."""

    measure_id: str
    n_metrics: int
    n_estimators: int
    n_values: int
    """Distinct pairs of metric and estimator."""


def widest_first(rows: pa.Table) -> tuple[MeasurementSummary, ...]:
    """Measurements, that with the most metrics of estimators first; equal ones the last by id first.

    Ids are digests, and tables do not say when they were measured: more metrics for more methods are what a
    reader would miss.

    Parameters
    ----------
    rows
        At least the columns of `MEASURED`; repetitions count once.
    """
    known: dict[str, set[tuple[str, str]]] = {}
    for row in rows.group_by(list(MEASURED)).aggregate([]).to_pylist():
        known.setdefault(row["measure_id"], set()).add((row["metric"], row["estimator"]))
    found = [
        MeasurementSummary(
            measure_id,
            n_metrics=len({metric for metric, _ in said}),
            n_estimators=len({estimator for _, estimator in said}),
            n_values=len(said),
        )
        for measure_id, said in known.items()
    ]
    return tuple(sorted(found, key=lambda one: (one.n_values, one.measure_id), reverse=True))


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """One measurement of a run."""

    run_id: str
    measure_id: str
    others: tuple[MeasurementSummary, ...]
    """Further measurements of the run."""
    baseline: str
    """The one that explanations were fitted with."""
    estimators: tuple[str, ...]
    """As the spec names them."""
    relations: tuple[str, ...]
    """Relations that entries average over, besides all pairs."""
    entries: Mapping[tuple[str, str, Variant], BoardEntry]
    """By estimator, relation and variant."""
    differences: Mapping[tuple[str, Variant], Mapping[tuple[str, str], BoardEstimate]]
    """The first method minus the second, pair by pair, by relation and variant, and by their names."""
    sides: SideWords
    n_explained: int
    """Pairs of the run that were explained; those that were measured are a sample of them."""
    n_comparisons: int
    """Tests against chance and controls that p-values were corrected for."""
    n_questions: int
    """Variants of metrics, and relations, in which methods were compared with each other."""

    @property
    def n_pairs(self) -> int:
        """Largest number of pairs that a metric was measured on, unknown values included."""
        asked = [
            one.n + one.n_unknown
            for (_, relation, variant), entry in self.entries.items()
            if relation == ALL and variant.metric != "cost"
            for one in entry.controls.values()
        ]
        return max(asked, default=0)

    @property
    def metrics(self) -> tuple[str, ...]:
        """Measured metrics, without cost, in the order in which they are shown."""
        groups, known = tuple(Group), tuple(REPORTED)
        found = {variant.metric for _, _, variant in self.entries} - {COST.name}

        def place(metric: str) -> tuple[int, int, str]:
            return groups.index(meaning_of(metric).group), _rank(metric, known), metric

        return tuple(sorted(found, key=place))

    @property
    def n_intervals(self) -> int:
        """Number of confidence intervals, differences from controls included."""
        estimates = (
            one
            for entry in self.entries.values()
            for one in (*entry.controls.values(), *entry.gains.values())
        )
        return sum(one.low is not None for one in estimates)

    def variants(self, metric: str) -> tuple[Variant, ...]:
        """All ways in which a metric was measured, the featured ones first."""
        found = {variant for _, _, variant in self.entries if variant.metric == metric}
        return tuple(sorted(found, key=self._place))

    def featured(self, metric: str) -> tuple[Variant, ...]:
        """One representative variant for each mode; of several probabilities the one nearest 1/2."""
        wanted = meaning_of(metric).modes
        chosen: dict[str, Variant] = {}
        for variant in self.variants(metric):
            chosen.setdefault(_stem(variant.mode), variant)
        return tuple(chosen[stem] for stem in wanted if stem in chosen) or tuple(chosen.values())

    def headlines(self) -> tuple[Variant, ...]:
        """Headline variants that have values; of equivalent ones the one that most methods have."""
        chosen: list[Variant] = []
        for metrics, mode in HEADLINES:
            equals = [
                variant
                for metric in metrics
                for variant in self.featured(metric)
                if not mode or _stem(variant.mode) == mode
            ]
            best = max(equals, key=self.n_known, default=None)
            if best is not None and self.n_known(best):
                chosen.append(best)
        return tuple(chosen)

    def n_known(self, variant: Variant) -> int:
        """Number of methods whose explanation has a value."""
        values = (entry.explanation for entry in self.of(variant))
        return sum(one is not None and one.mean is not None for one in values)

    def of(self, variant: Variant, relation: str = ALL) -> tuple[BoardEntry, ...]:
        """Entries of every method that was measured in this way.

        Parameters
        ----------
        variant
            Metric and the way in which it was measured.
        relation
            Pairs that are averaged over: all, matches, or wrong candidates.

        Returns
        -------
        tuple of BoardEntry
            In the order of `estimators`.
        """
        found = (self.entries.get((estimator, relation, variant)) for estimator in self.estimators)
        return tuple(entry for entry in found if entry is not None)

    def leaders(self, variant: Variant, relation: str = ALL) -> Leaders:
        """Methods that no other one is significantly better than.

        Parameters
        ----------
        variant
            Metric and the way in which it was measured.
        relation
            Pairs that are averaged over: all, matches, or wrong candidates.

        Returns
        -------
        Leaders
            Without names where no methods compete.
        """
        entries = [
            entry
            for entry in self.of(variant, relation)
            if competes(entry.estimator, variant.metric, variant.mode)
        ]
        known = {entry.estimator: entry.explanation for entry in entries if entry.explanation is not None}
        if not known:
            return Leaders()
        return leaders(known, self.differences.get((relation, variant), {}), entries[0].direction)

    def difference(self, one: str, other: str, variant: Variant) -> BoardEstimate | None:
        """Paired difference of two methods over all pairs.

        Parameters
        ----------
        one, other
            Names of the methods; the second is subtracted.
        variant
            Metric and the way in which it was measured.

        Returns
        -------
        BoardEstimate or None
            None where the two were not compared.
        """
        known = self.differences.get((ALL, variant), {})
        turned = known.get((other, one))
        return known.get((one, other)) or (None if turned is None else turned.turned)

    def costs(self, estimator: str) -> Mapping[str, float]:
        """Mean encodes of an item, or scores of a pair, that a method needs by itself; by unit of cost."""
        return {
            variant.mode: entry.explanation.mean
            for variant in self.featured("cost")
            if (entry := self.entries.get((estimator, ALL, variant))) is not None
            and entry.explanation is not None
            and entry.explanation.mean is not None
        }

    def _place(self, variant: Variant) -> tuple[object, ...]:
        return (
            _rank(_stem(variant.mode), meaning_of(variant.metric).modes),
            variant.baseline != self.baseline,
            _rank(variant.side, _SIDES),
            _rank(variant.axis, _AXES),
            _rank(variant.scale, _SCALES),
            abs(_probability(variant.mode) - 0.5),
            _numbers(variant.mode),
            variant,
        )


def _rank(name: str, known: tuple[str, ...]) -> int:
    """Place among known names; unknown ones come last."""
    return known.index(name) if name in known else len(known)


def _numbers(mode: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", mode))


def _stem(mode: str) -> str:
    """A mode without its probability."""
    return mode.partition("p=")[0].strip()


def _probability(mode: str) -> float:
    _, _, number = mode.partition("p=")
    try:
        return float(number)
    except ValueError:
        return 0.5
