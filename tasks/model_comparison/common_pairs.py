"""Pairs that two runs have explained by one estimator, and their rows piece by piece."""
# pyright: reportAttributeAccessIssue=false
# pyarrow.compute makes its functions when it is imported, where no checker sees them.

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from jaxtyping import Float, Int64

from ilime_core.errors import InputError
from tasks.runs.run import Run

__all__ = ["DIRECTIONS", "CommonPairs", "common_pairs", "reals"]

DIRECTIONS = ("left_to_right", "right_to_left")

PIECE = 4_000
"""Pairs whose cells are in memory at once."""

_CORNERS = ("f_full", "f_left_empty", "f_right_empty", "f_empty")
_OF_PAIR = ("left_id", "right_id", "left_modality", "right_modality")


@dataclass(frozen=True, slots=True)
class PairPiece:
    """Neighbours in the order of pair ids, from ``start`` up to ``stop``."""

    start: int
    stop: int


@dataclass(frozen=True, eq=False)
class CommonPairs:
    """Pairs of both runs, in the order of their ids.

    Attributes
    ----------
    runs
        A and B.
    items
        Ids of all their items, in order.
    left, right
        Places of each pair's items in ``items``.
    modalities
        Of the left and the right side.
    ranks
        Of each pair in A and B by direction; NaN where unknown.
    joint_effects
        What both items of a pair do only together, in A and B.
    n_pairs
        Explained pairs of A and of B.
    """

    runs: tuple[Run, Run]
    estimator: str
    pair_ids: Sequence[str]
    items: Sequence[str]
    left: Int64[np.ndarray, " pairs"]
    right: Int64[np.ndarray, " pairs"]
    modalities: tuple[str, str]
    ranks: Mapping[str, tuple[Float[np.ndarray, " pairs"], Float[np.ndarray, " pairs"]]]
    joint_effects: tuple[Float[np.ndarray, " pairs"], Float[np.ndarray, " pairs"]]
    n_pairs: tuple[int, int]

    @cached_property
    def scales(self) -> tuple[float, float]:
        """Scale of each run: root mean square of the joint effects over the common pairs; never 0."""
        first, second = (float(np.sqrt(np.mean(one**2))) or 1.0 for one in self.joint_effects)
        return first, second

    @property
    def pieces(self) -> Iterator[PairPiece]:
        """Pieces of bounded size that cover all pairs."""
        for start in range(0, len(self.pair_ids), PIECE):
            yield PairPiece(start, min(start + PIECE, len(self.pair_ids)))

    def rows(self, run: Run, table: str, columns: Sequence[str], piece: PairPiece) -> pa.Table:
        """Rows of the estimator in one piece.

        Parameters
        ----------
        run
            A or B.
        table
            A table with columns ``pair_id`` and ``estimator``.
        columns
            Columns to read.
        piece
            Pairs to read.

        Returns
        -------
        pyarrow.Table
            These columns, and ``pair``: the place of the row's pair.
        """
        ids = self.pair_ids[piece.start : piece.stop]
        name = pc.field("pair_id")
        # Parts are sorted by pair_id: of each only the row groups between the two ids are read.
        wanted = (name >= ids[0]) & (name <= ids[-1]) & (pc.field("estimator") == self.estimator)
        found = run.table(table, ["pair_id", *columns], wanted)
        place = pc.index_in(found["pair_id"], pa.array(ids, pa.string()))
        known = found.append_column("pair", pc.add(place.cast(pa.int64()), piece.start))
        return known.drop_columns(["pair_id"]).filter(pc.is_valid(place)).combine_chunks()


def common_pairs(a: Run, b: Run, estimator: str) -> CommonPairs:
    """Find the pairs that both runs have explained.

    Parameters
    ----------
    a, b
        Finished runs.
    estimator
        Estimator whose explanations are compared.

    Returns
    -------
    CommonPairs
        At least one pair.

    Raises
    ------
    InputError
        If a run has no explanation by this estimator, or the runs have no pair in common.
    """
    tables = [_explained(run, estimator) for run in (a, b)]
    both = tables[0].join(tables[1], keys="pair_id", join_type="inner", right_suffix="_b")
    both = both.sort_by([("pair_id", "ascending")]).combine_chunks()
    if not both.num_rows:
        raise InputError(
            f"runs {a.run_id} and {b.run_id} have no explained pair in common: ids of items are digests of "
            "their contents, so both have to explain the same files and captions"
        )
    items = sorted({*both["left_id"].to_pylist(), *both["right_id"].to_pylist()})
    known = pa.array(items, pa.string())
    left, right = (
        pc.index_in(both[name], known).cast(pa.int64()).to_numpy() for name in ("left_id", "right_id")
    )
    modalities = both["left_modality"][0].as_py(), both["right_modality"][0].as_py()
    return CommonPairs(
        runs=(a, b),
        estimator=estimator,
        pair_ids=both["pair_id"].to_pylist(),
        items=items,
        left=left,
        right=right,
        modalities=modalities,
        ranks={one: (reals(both, f"rank_{one}"), reals(both, f"rank_{one}_b")) for one in DIRECTIONS},
        joint_effects=(_joint(both, ""), _joint(both, "_b")),
        n_pairs=(tables[0].num_rows, tables[1].num_rows),
    )


def reals(table: pa.Table, column: str) -> Float[np.ndarray, " rows"]:
    """Numbers of a column.

    Parameters
    ----------
    table
        Rows.
    column
        Name.

    Returns
    -------
    Float array, one per row
        NULL is NaN.
    """
    return table[column].cast(pa.float64()).to_numpy(zero_copy_only=False)


def _explained(run: Run, estimator: str) -> pa.Table:
    fits = run.table("fits", ["pair_id", *_CORNERS], pc.field("estimator") == estimator)
    if not fits.num_rows:
        held = sorted(set(run.table("fits", ["estimator"])["estimator"].to_pylist()))
        raise InputError(f"run {run.run_id} has no explanations by {estimator!r}; it has {', '.join(held)}")
    ranks = [f"rank_{direction}" for direction in DIRECTIONS]
    return run.table("pairs", ["pair_id", *_OF_PAIR, *ranks]).join(fits, keys="pair_id", join_type="inner")


def _joint(both: pa.Table, suffix: str) -> Float[np.ndarray, " pairs"]:
    full, left, right, empty = (reals(both, name + suffix) for name in _CORNERS)
    return full - left - right + empty
