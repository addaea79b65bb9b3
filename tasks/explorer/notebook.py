"""A run in a notebook: pairs that show themselves, cells and lost queries as tables."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from matplotlib.figure import Figure

from ilime_core.errors import InputError
from ilime_core.viewer.packing import unpack_reals
from ilime_core.viewer.page import frame_html, pair_page
from ilime_core.viewer.plotting import plot_pair
from ilime_core.viewer.records import ItemRecord, PairRecord
from tasks.explorer.item_files import read_stored_items
from tasks.explorer.pair_details import pair_details
from tasks.explorer.pair_files import pair_records
from tasks.figures.pair_picture import primary_estimator
from tasks.query.database import Database
from tasks.report.choice import choose_shown_pairs
from tasks.runs.run import Run

__all__ = ["RunExplorer", "StoredPair"]


@dataclass(frozen=True, slots=True, eq=False)
class StoredPair:
    """An explained pair of a run; a notebook shows its page."""

    record: PairRecord
    items: Mapping[str, ItemRecord]
    """Its items by id, and those of its margins."""

    @property
    def title(self) -> str:
        """File and caption."""
        named = [self.items[self.record[side]] for side in ("left_id", "right_id")]
        return " – ".join(item["text"] if item["kind"] == "text" else item["title"] for item in named)

    @property
    def weights(self) -> np.ndarray:
        """W, shape (left segments, right segments), to 1/65,534 of its largest cell."""
        return unpack_reals(self.record["weights"]).reshape(self.record["shape"])

    def page(self) -> str:
        """Return a page in one file of HTML that loads nothing."""
        return pair_page(self.record, self.items, self.title)

    def plot(self) -> Figure:
        """Draw the strongest rows of the matrix, in one scale of colours."""
        errors = unpack_reals(self.record["errors"]).reshape(self.record["shape"])
        left, right = (_names(self.items[self.record[side]]) for side in ("left_id", "right_id"))
        return plot_pair(self.weights, errors, (left, right))

    def _repr_html_(self) -> str:
        """Return the page in a frame, as notebooks show it."""
        return frame_html([self.page()])


class RunExplorer:
    """Pairs, cells and lost queries of a finished run.

    Parameters
    ----------
    run
        Stored run.

    Raises
    ------
    InputError
        If the run is not finished.
    """

    def __init__(self, run: Run) -> None:
        run.require_finished()
        self.run = run
        self._estimator = primary_estimator(run)
        self._details = pair_details(run, self._estimator)

    def pair(self, name: str) -> StoredPair:
        """Read one pair.

        Parameters
        ----------
        name
            Beginning of a pair id, or name of an image, whose first pair is taken.

        Returns
        -------
        StoredPair
            With photographs inside.

        Raises
        ------
        InputError
            If no pair or several fit; the message lists candidates.
        """
        is_id = name.startswith("p") and len(name) > 4 and all(one in "0123456789abcdef" for one in name[1:])
        pair, image = (name, None) if is_id else (None, name)
        chosen = choose_shown_pairs(self.run, pair=pair, image=image)[:1]
        pairs = {
            row["pair_id"]: row
            for row in self.run.table("pairs", filter=pc.field("pair_id") == chosen[0]).to_pylist()
        }
        found = next(pair_records(self.run, pairs, self._estimator, self._details, chosen), None)
        if found is None:
            raise InputError(f"run {self.run.run_id} has not explained pair {chosen[0]}")
        record, _ = found
        wanted = {record["left_id"], record["right_id"]}
        wanted |= {one[part] for one in record["margins"] for part in ("query", "correct", "wrong")}
        items: dict[str, ItemRecord] = {}
        for item in read_stored_items(self.run, wanted, {}):
            own = item.record
            if own["kind"] == "image" and item.photo is not None:
                own["photo"] = f"data:image/jpeg;base64,{base64.b64encode(item.photo).decode()}"
            items[own["item_id"]] = own
        return StoredPair(record, items)

    def matches(self, word: str | None = None) -> pa.Table:
        """Read cells of W, the largest first.

        Parameters
        ----------
        word
            Only cells of this word, case-folded; None for all.

        Returns
        -------
        pyarrow.Table
            Rows of the view ``matches``; ``to_pandas()`` and ``polars.from_arrow`` make data frames.
        """
        cells = self._ask("FROM matches ORDER BY abs(weight) DESC, pair_id, region, word_number")
        return cells if word is None else cells.filter(pc.field("word") == word.casefold())

    def errors(self) -> pa.Table:
        """Read lost queries with the part of each segment in the margin, the largest loss first.

        Returns
        -------
        pyarrow.Table
            Rows of the view ``retrieval_errors``.
        """
        return self._ask("FROM retrieval_errors ORDER BY margin, query_id, direction, part_of, segment")

    def _ask(self, sql: str) -> pa.Table:
        with Database(self.run) as database:
            return database.query(sql).read_all()


def _names(item: ItemRecord) -> list[str]:
    """Words, or numbers of regions."""
    if item["kind"] == "image":
        return [str(number) for number in range(len(item["regions"]))]
    return [item["text"][word["start"] : word["end"]] for word in item["words"]]
