"""Differences between two runs that are excused beyond plain tolerances, each by its rule."""
# pyright: reportAttributeAccessIssue=false
# pyarrow.compute makes its functions when it is imported, where no checker sees them.

from collections.abc import Callable
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ilime_core.interactions.agreement import clear_gaps
from tasks.comparison.subspaces import covariance_is_close, vectors_are_close
from tasks.comparison.ties import Ties
from tasks.comparison.tolerances import CLEAR_GAP, MARGIN, SMOOTH_METRICS, TIE
from tasks.comparison.values import group_codes

__all__ = ["Allowances"]

_SELECTION = {"relation", "is_error", "is_retrieved", "rank_left_to_right", "rank_right_to_left"}
_CONTRAST = ("edit", "direction", "correct_pair_id", "edited_pair_id")
_SHARES = {"won", "lost", "all_won"}
_EXCEEDS = "_exceeds"
_END = 1e-2  # by so much may the end of an interval move with what the value moves by
_SMALL_LOADING = 1e-3  # of the largest: by so much may the last listed loading change place with the next

ValueRule = Callable[[str, pa.Table, pa.Table, np.ndarray], np.ndarray]


class Allowances:
    """Differences of two runs that follow from the freedom that a run has.

    Parameters
    ----------
    ties
        What hangs on tied scores.
    global_factors
        That table of the first run: loadings on components without a clear gap are not compared.
    """

    def __init__(self, ties: Ties, global_factors: pa.Table) -> None:
        self._ties = ties
        self._unclear = _unclear_components(global_factors)
        self._values: dict[str, ValueRule] = {
            "item_fits": self._covariances,
            "factors": partial(vectors_are_close, "factors"),
            "global_factors": partial(vectors_are_close, "global_factors"),
            "global_loadings": self._loadings,
            "margins": self._margins,
            "margin_effects": self._query_rows,
            "rankings": self._ranked,
            "pairs": self._selected,
            "contrasts": self._contrasts,
            "contrast_accuracy": self._contrast_shares,
            "rank_effects": self._rank_effects,
            "retrieval_metrics": self._metrics,
            "hub_candidates": self._hubs,
            "aggregates": self._counts,
            "word_class_means": self._counts,
            "label_word_mass": self._counts,
            "slice_counts": self._counts,
            "slice_differences": self._counts,
            "runs": self._counts,
        }

    def rows(self, table: str, only: pa.Table, other: pa.Table) -> np.ndarray:
        """Mark rows of one run only that are excused.

        Parameters
        ----------
        table
            Name of the table.
        only
            Rows of one run that the other lacks.
        other
            Rows of the other run that this one lacks.

        Returns
        -------
        np.ndarray
            Boolean, shape (rows of ``only``,).
        """
        names = set(only.column_names)
        if table in {"margins", "margin_effects"}:
            return self._query_rows("", only, only, np.arange(only.num_rows))
        if table == "global_loadings":
            return self._unlisted(only, other)
        if "pair_id" in names:
            return _among(only.column("pair_id"), self._ties.pairs)
        if "item_id" in names and table not in {"items", "failures"}:
            return _among(only.column("item_id"), self._ties.items)
        return np.zeros(only.num_rows, bool)

    def values(
        self, table: str, column: str, first: pa.Table, second: pa.Table, rows: np.ndarray
    ) -> np.ndarray:
        """Mark the given rows of aligned tables that may differ in a column beyond its tolerance.

        Parameters
        ----------
        table, column
            Names.
        first, second
            The table in both runs, row by row with equal keys.
        rows
            Indices of the rows that differ, shape (rows,).

        Returns
        -------
        np.ndarray
            Boolean, shape (rows,).
        """
        rule = self._values.get(table)
        return np.zeros(len(rows), bool) if rule is None else rule(column, first, second, rows)

    def _covariances(self, column: str, first: pa.Table, second: pa.Table, rows: np.ndarray) -> np.ndarray:
        if column in {"error_factors", "spread_factors"}:
            return covariance_is_close(first, second, column, rows)
        return np.zeros(len(rows), bool)

    def _query_rows(self, column: str, first: pa.Table, second: pa.Table, rows: np.ndarray) -> np.ndarray:
        del column, second
        names = ("query_id", "direction", "reason")
        columns = [first.column(name).take(pa.array(rows)).to_pylist() for name in names]
        keys = zip(*columns, strict=True)
        return np.array(
            [why == "error" and (query, way) in self._ties.queries for query, way, why in keys], bool
        )

    def _margins(self, column: str, first: pa.Table, second: pa.Table, rows: np.ndarray) -> np.ndarray:
        excused = self._query_rows(column, first, second, rows)
        if column.endswith(_EXCEEDS):
            sizes = (
                np.abs(first.column(name).take(pa.array(rows)).to_numpy())
                for name in (column.removesuffix(_EXCEEDS), "margin")
            )
            remainders, margins = sizes
            excused |= np.abs(remainders - margins) <= 2 * MARGIN
        return excused

    def _contrasts(self, column: str, first: pa.Table, second: pa.Table, rows: np.ndarray) -> np.ndarray:
        """Mark who won where both scores are tied, and what tied scores selected."""
        del second
        if column not in {"won", "tied", "is_explained"}:
            return np.zeros(len(rows), bool)
        if column == "is_explained":
            pairs = (
                first.column(name).take(pa.array(rows)) for name in ("correct_pair_id", "edited_pair_id")
            )
            return np.logical_or(*(_among(one, self._ties.pairs) for one in pairs))
        excused = np.abs(first.column("margin").take(pa.array(rows)).to_numpy()) <= TIE
        for row in first.select(list(_CONTRAST)).take(pa.array(rows[excused])).to_pylist():
            self._ties.contests.add(tuple(row[name] for name in _CONTRAST))
        return excused

    def _contrast_shares(
        self, column: str, first: pa.Table, second: pa.Table, rows: np.ndarray
    ) -> np.ndarray:
        """Mark shares that moved by no more than the contrasts that a tie has decided otherwise."""
        excused = np.zeros(len(rows), bool)
        for place, row in enumerate(rows.tolist() if column in {"value", "low", "high"} else []):
            a, b = (side.slice(row, 1).to_pylist()[0] for side in (first, second))
            if a["measure"] not in _SHARES or None in {a[column], b[column]}:
                continue
            n_tied = sum(
                edit == a["edit"] and a["direction"] in {way, "both"} for edit, way, *_ in self._ties.contests
            )
            limit = n_tied / max(1, a["n"]) + (_END if n_tied and column != "value" else 0.0)
            excused[place] = abs(a[column] - b[column]) <= limit + 1e-9
        return excused

    def _rank_effects(self, column: str, first: pa.Table, second: pa.Table, rows: np.ndarray) -> np.ndarray:
        """Mark tied candidates that changed places, and hits that hang on a tie."""
        correct, wrong = (_reals(first, name)[rows] for name in ("score_correct", "score_best_wrong"))
        if column == "is_hit_after":
            return np.abs(correct - wrong) <= TIE
        if column != "best_wrong_id":
            return np.zeros(len(rows), bool)
        return np.abs(wrong - _reals(second, "score_best_wrong")[rows]) <= TIE

    def _ranked(self, column: str, first: pa.Table, second: pa.Table, rows: np.ndarray) -> np.ndarray:
        if column not in {"candidate_id", "relevant"}:
            return np.zeros(len(rows), bool)
        places = pa.array(rows)
        queries, scores = (first.column(name).take(places).to_pylist() for name in ("query_id", "score"))
        before, after = (side.column("candidate_id").take(places).to_pylist() for side in (first, second))
        tied = [
            old != new and self._ties.is_tied(query, new, score)
            for query, old, new, score in zip(queries, before, after, scores, strict=True)
        ]
        return np.array(tied, bool)

    def _selected(self, column: str, first: pa.Table, second: pa.Table, rows: np.ndarray) -> np.ndarray:
        if column not in _SELECTION:
            return np.zeros(len(rows), bool)
        excused = np.zeros(len(rows), bool)
        for place, row in enumerate(rows.tolist()):
            left, right = (str(first.column(name)[row]) for name in ("left_id", "right_id"))
            score = first.column("score")[row].as_py()
            near = {
                "left_to_right": self._ties.neighbours(left, score, right),
                "right_to_left": self._ties.neighbours(right, score, left),
            }
            if column.startswith("rank_"):
                values = [side.column(column)[row].as_py() for side in (first, second)]
                direction = column.removeprefix("rank_")
                moved = np.inf if None in values else abs(values[0] - values[1])
                excused[place] = moved <= near[direction]
                if excused[place]:
                    self._ties.shift[direction] = max(self._ties.shift[direction], int(moved))
            else:
                excused[place] = max(near.values()) > 0
        return excused

    def _metrics(self, column: str, first: pa.Table, second: pa.Table, rows: np.ndarray) -> np.ndarray:
        excused = np.zeros(len(rows), bool)
        for place, row in enumerate(rows.tolist() if column in {"value", "low", "high"} else []):
            a, b = (side.slice(row, 1).to_pylist()[0] for side in (first, second))
            if None in {a[column], b[column]}:
                continue
            swapped, shift = (kind[a["direction"]] for kind in (self._ties.swapped, self._ties.shift))
            limit = shift if a["metric"] == "median_rank" else swapped / max(1, a["n_queries"])
            limit = SMOOTH_METRICS.get(a["metric"], limit) if column == "value" else limit + _END
            excused[place] = abs(a[column] - b[column]) <= limit + 1e-9
        return excused

    def _hubs(self, column: str, first: pa.Table, second: pa.Table, rows: np.ndarray) -> np.ndarray:
        directions = first.column("direction").take(pa.array(rows)).to_pylist()
        swapped = np.array([self._ties.swapped[direction] for direction in directions])
        if column == "candidate_id":
            return swapped > 0
        return np.abs(_reals(first, column) - _reals(second, column))[rows] <= swapped

    def _counts(self, column: str, first: pa.Table, second: pa.Table, rows: np.ndarray) -> np.ndarray:
        if column == "n_words":  # one pair more has several words
            return np.full(len(rows), len(self._ties.pairs) > 0)
        if column not in {"n", "n_pairs", "n_rest", "n_items"}:
            return np.zeros(len(rows), bool)
        return np.abs(_reals(first, column) - _reals(second, column))[rows] <= len(self._ties.pairs)

    def _loadings(self, column: str, first: pa.Table, second: pa.Table, rows: np.ndarray) -> np.ndarray:
        del column
        a, b = (np.abs(_reals(side, "loading")) for side in (first, second))
        close = np.abs(a - b) <= _SMALL_LOADING * np.maximum(a, b).max(initial=0.0)
        return close[rows] | self._is_unclear(first)[rows]

    def _unlisted(self, only: pa.Table, other: pa.Table) -> np.ndarray:
        """Loadings that are hardly larger than the least that the other run lists for the component."""
        listed = other.append_column("size", pc.abs(other.column("loading"))).group_by(
            ["estimator", "component"]
        )
        bounds = {
            (row["estimator"], row["component"]): row["size_min"] + _SMALL_LOADING * row["size_max"]
            for row in listed.aggregate([("size", "min"), ("size", "max")]).to_pylist()
        }
        near = [
            abs(row["loading"]) <= bounds.get((row["estimator"], row["component"]), -1.0)
            for row in only.to_pylist()
        ]
        return np.array(near, bool) | self._is_unclear(only)

    def _is_unclear(self, loadings: pa.Table) -> np.ndarray:
        keys = zip(loadings["estimator"].to_pylist(), loadings["component"].to_pylist(), strict=True)
        return np.array([key in self._unclear for key in keys], bool)


def _unclear_components(factors: pa.Table) -> set[tuple[str, int]]:
    factors = factors.sort_by([("estimator", "ascending"), ("component", "ascending")])
    gaps, _ = clear_gaps(_reals(factors, "strength"), group_codes(factors, ("estimator",)))
    keys = zip(factors["estimator"].to_pylist(), factors["component"].to_pylist(), strict=True)
    return {key for key, gap in zip(keys, gaps.tolist(), strict=True) if gap <= CLEAR_GAP}


def _among(values: pa.ChunkedArray, known: set[str]) -> np.ndarray:
    return pc.is_in(values, pa.array(sorted(known), pa.string())).to_numpy(zero_copy_only=False)


def _reals(table: pa.Table, column: str) -> np.ndarray:
    return table.column(column).cast(pa.float64()).to_numpy()
