"""A run at a glance: the numbers of the report's first page and of the terminal."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

import pyarrow.compute as pc

from ilime_core.modality import Modality
from tasks.figures.pair_picture import primary_estimator
from tasks.report.leaderboard.entries import BoardEntry
from tasks.report.leaderboard.reading import measurements, read_leaderboard
from tasks.report.leaderboard.records import ALL, Leaderboard
from tasks.report.slice_lines import slice_lines
from tasks.run_files.commits import Commit
from tasks.run_files.naming import check_stage
from tasks.runs.run import Run
from tasks.runs.sides import SideWords, side_words
from tasks.tables import REPEATED
from tasks.tables.counts import Counts

__all__ = ["Aggregate", "DirectionRecall", "MetricValue", "Overview", "read_overview"]


@dataclass(frozen=True, slots=True)
class MetricValue:
    """A metric of retrieval with its interval; a run of before has no intervals."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class DirectionRecall:
    """Retrieval quality of one direction."""

    direction: str
    name: str
    """In people's words."""
    recall_at_1: float | None
    recall_at_5: float | None
    recall_at_10: float | None
    median_rank: float | None
    n_queries: int
    n_candidates: int
    metrics: Mapping[str, MetricValue]
    """All rows of ``retrieval_metrics``, by the name of the metric."""


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A quantity over the pairs of one relation."""

    estimator: str
    relation: str
    quantity: str
    mean: float | None
    median: float | None
    low: float | None
    high: float | None
    n: int
    n_unknown: int | None = None
    """Explained pairs that do not have it; None in tables that do not count them."""
    n_left: int | None = None
    n_right: int | None = None

    @property
    def n_known(self) -> str:
        """Number of pairs with a value, and of all pairs where some have none."""
        return f"{self.n:,} of {self.n + self.n_unknown:,}" if self.n_unknown else f"{self.n:,}"


@dataclass(frozen=True, slots=True)
class Overview:
    """Counts and means of a run."""

    run_id: str
    label: str
    finished: bool
    model: str
    corpus: str
    estimator: str
    """The primary one."""
    n_images: int
    n_texts: int
    n_pairs: int
    n_errors: int
    spent: Counts
    """Cost of the explanations."""
    measure_encodes: int
    """Encodes of the perturbation metrics, in addition to `spent`."""
    recalls: tuple[DirectionRecall, ...]
    aggregates: tuple[Aggregate, ...]
    board: Leaderboard | None
    """Leaderboard of the shown measurement; None where nothing was ranked."""
    n_measured: int
    """Pairs that were measured."""
    failures: tuple[Mapping[str, str | None], ...]
    """Items that could not be explained: stage, reason, uri and message."""
    sides: SideWords
    slices: tuple[str, ...] = ()
    """Lines on the slices by tags."""

    @property
    def judged(self) -> tuple[BoardEntry, ...]:
        """Areas of the primary estimator: joint orders by count of segments under the fitted baseline."""
        if self.board is None:
            return ()
        variants = [one for metric in _AREAS for one in self.board.featured(metric)]
        asked = ("both", self.board.baseline, "count", "raw")
        found = [
            self.board.entries.get((self.estimator, ALL, one))
            for one in variants
            if (one.side, one.baseline, one.axis, one.scale) == asked
        ]
        return tuple(entry for entry in found if entry is not None)

    def aggregate(self, quantity: str, relation: str = "positive", estimator: str = "") -> Aggregate | None:
        """Mean of a quantity.

        Parameters
        ----------
        quantity
            Name in the table `aggregates`.
        relation
            Pairs that are averaged over: all, matches, or wrong candidates.
        estimator
            Name of an estimator; empty for the primary one.

        Returns
        -------
        Aggregate or None
            None where the run has no such row.
        """
        wanted = (estimator or self.estimator, relation, quantity)
        return next((a for a in self.aggregates if (a.estimator, a.relation, a.quantity) == wanted), None)


_AREAS = ("insertion", "deletion", "aid")


def read_overview(run: Run) -> Overview:
    """Read what is committed so far."""
    estimator = primary_estimator(run)
    columns = [column.name for column in fields(Aggregate)]
    modalities = run.table("items", ["modality"])["modality"].to_pylist()
    commits = run.commits()
    explaining, measuring = (_spent(commits, measures=measures) for measures in (False, True))
    errors = run.table("pairs", ["is_error"])["is_error"].to_pylist()
    return Overview(
        run_id=run.run_id,
        label=run.label,
        finished=run.finished,
        model=_spoken(run, "model", ("name", "model", "pretrained")),
        corpus=_spoken(run, "corpus", ("format", "split")),
        estimator=estimator,
        n_images=modalities.count(Modality.IMAGE.value),
        n_texts=modalities.count(Modality.TEXT.value),
        n_pairs=run.table("fits", ["pair_id"], pc.field("estimator") == estimator).num_rows,
        n_errors=errors.count(True),
        spent=explaining,
        measure_encodes=measuring.encodes,
        recalls=_recalls(run),
        aggregates=tuple(
            Aggregate(**row) for row in run.table("aggregates", columns, pc.field("slice") == ALL).to_pylist()
        ),
        board=read_leaderboard(run) if measurements(run) else None,
        n_measured=len(set(run.table("faithfulness", ["pair_id"])["pair_id"].to_pylist())),
        failures=tuple(run.table("failures", ["stage", "reason", "uri", "message"]).to_pylist()),
        sides=side_words(run),
        slices=tuple(slice_lines(run, estimator)),
    )


def _spent(commits: Mapping[str, Mapping[int, Commit]], *, measures: bool) -> Counts:
    """Cost of the stages of measuring, or of those of explaining."""
    stages = (blocks for stage, blocks in commits.items() if (check_stage(stage) in REPEATED) == measures)
    return sum((commit.facts.counts for blocks in stages for commit in blocks.values()), Counts())


def _spoken(run: Run, section: str, names: tuple[str, ...]) -> str:
    parameters = run.plan.get("parameters")
    values = parameters.get(section) if isinstance(parameters, Mapping) else None
    if not isinstance(values, Mapping):
        return "unknown"
    return " ".join(str(values[name]) for name in names if values.get(name))


def _recalls(run: Run) -> tuple[DirectionRecall, ...]:
    rows: dict[str, dict[str, MetricValue]] = {}
    sizes: dict[str, tuple[int, int]] = {}
    for row in run.table("retrieval_metrics", filter=pc.field("slice") == ALL).to_pylist():
        found = MetricValue(row["value"], row.get("low"), row.get("high"))
        rows.setdefault(row["direction"], {})[row["metric"]] = found
        if row["metric"] in _OF_RANKS:
            sizes[row["direction"]] = (row["n_queries"] or 0, row["n_candidates"] or 0)
    asks = side_words(run).asks
    return tuple(
        DirectionRecall(direction, asks[direction], one, five, ten, median, *sizes[direction], metrics=found)
        for direction, found in sorted(rows.items())
        for one, five, ten, median in [[found.get(metric, _UNKNOWN).value for metric in _OF_RANKS]]
    )


_OF_RANKS = ("recall_at_1", "recall_at_5", "recall_at_10", "median_rank")
_UNKNOWN = MetricValue(None)
