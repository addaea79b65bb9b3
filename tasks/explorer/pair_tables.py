"""Rows of one block of pairs, cut into pairs without a loop over rows."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.run_files.commits import Commit
from tasks.run_files.committed import read_rows
from tasks.runs.run import Run
from tasks.tables.row_filters import among

__all__ = ["FittedRows", "PairRows", "fitted_rows"]

_STAGES = ("fit", "fit-opaque")


@dataclass(frozen=True, slots=True, eq=False)
class PairRows:
    """Rows of one table, each pair's together and in order."""

    columns: dict[str, np.ndarray]
    vectors: dict[str, pa.Array]
    """Columns of lists."""
    slices: dict[str, slice]
    """By pair id."""

    def of(self, pair_id: str, column: str) -> np.ndarray:
        """Values of one pair.

        Parameters
        ----------
        pair_id
            The pair.
        column
            Name of the column.

        Returns
        -------
        ndarray
            None where the pair has no rows.
        """
        return self.columns[column][self.slices.get(pair_id, slice(0))]


@dataclass(frozen=True, slots=True, eq=False)
class FittedRows:
    """Tables of one block of pairs."""

    fits: list[dict[str, object]]
    interactions: PairRows
    left_effects: PairRows
    right_effects: PairRows
    factors: PairRows


def fitted_rows(run: Run, estimator: str, pair_ids: Collection[str] | None = None) -> Iterator[FittedRows]:
    """Read the fitted pairs of a run, a block at a time.

    Parameters
    ----------
    run
        Stored run.
    estimator
        Estimator whose rows are read.
    pair_ids
        Pairs to read; None for all.

    Yields
    ------
    FittedRows
        One block; blocks without a pair of the estimator are left out.
    """
    mine = pc.field("estimator") == estimator
    if pair_ids is not None:
        mine &= among("pair_id", sorted(pair_ids))
    commits = run.commits()
    for stage in _STAGES:
        for _, commit in sorted(commits.get(stage, {}).items()):
            fits = _read(run, commit, "fits", mine).sort_by("pair_id")
            if not fits.num_rows:
                continue
            effects = _read(run, commit, "main_effects", mine)
            left, right = (
                _rows(effects.filter(pc.field("side") == side), ["segment"]) for side in ("left", "right")
            )
            yield FittedRows(
                fits.to_pylist(),
                _rows(_read(run, commit, "interactions", mine), ["left_segment", "right_segment"]),
                left,
                right,
                _rows(_read(run, commit, "factors", mine), ["component"]),
            )


_COLUMNS = {
    "interactions": ("left_segment", "right_segment", "weight", "standard_error", "p_value", "p_adjusted"),
    "main_effects": ("side", "segment", "intact_effect", "intact_half_width"),
    "factors": ("component", "strength", "energy", "gap", "left_vector", "right_vector"),
}


def _read(run: Run, commit: Commit, table: str, mine: pc.Expression) -> pa.Table:
    columns = ["pair_id", *_COLUMNS[table]] if table in _COLUMNS else None
    return read_rows(run.storage, [commit], table, columns, mine)


def _rows(table: pa.Table, order: Iterable[str]) -> PairRows:
    ids = table["pair_id"].combine_chunks().dictionary_encode()
    number = ids.indices.to_numpy()
    places = np.lexsort(
        [*(table[name].to_numpy() for name in reversed([*order])), number]
    )  # parts are in this order; a sort of sorted rows costs little
    table = table.drop_columns(["pair_id"]).take(pa.array(places))
    number = number[places]
    starts = np.flatnonzero(np.append(True, number[1:] != number[:-1])[: len(number)])
    names = ids.dictionary.take(pa.array(number[starts])).to_pylist()
    is_list = {name: pa.types.is_list(table.schema.field(name).type) for name in table.column_names}
    return PairRows(
        {
            name: table[name].to_numpy()
            for name, listed in is_list.items()
            if not listed and not pa.types.is_string(table.schema.field(name).type)
        },
        {name: table[name].combine_chunks() for name, listed in is_list.items() if listed},
        {name: slice(*ends) for name, ends in zip(names, pairwise([*starts, len(number)]), strict=True)},
    )
