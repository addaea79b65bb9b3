"""Data of a run's site: pages of pairs and of items, their columns, photographs."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import TypeVar

from tasks.explorer.data_files import data_file
from tasks.explorer.item_files import item_columns, read_stored_items
from tasks.explorer.pair_details import pair_details
from tasks.explorer.pair_files import GalleryRow, gallery_columns, pair_records
from tasks.explorer.site_files import SiteFiles
from tasks.runs.run import Run

__all__ = ["Counted", "Progress", "write_data"]

PAGE = 32
"""Pairs, and items, of a file."""

INDEX = 20_000
"""Pairs of a file of columns."""

_AT_ONCE = 4
"""Pages of pairs that are written together."""

_FILES_AT_ONCE = 500
"""Files of items, most of them photographs, that are written together."""

Progress = Callable[[int, int], None]
"""Called with the pairs that are written and those that will be."""

Counted = dict[str, int]
_Value = TypeVar("_Value")


def write_data(run: Run, estimator: str, site: SiteFiles, progress: Progress | None = None) -> Counted:
    """Write the data of every explained pair and of its items.

    Parameters
    ----------
    run
        Stored run.
    estimator
        Estimator whose explanations are shown.
    site
        Files of the site.
    progress
        Called after every page of pairs.

    Returns
    -------
    dict of str to int
        Numbers of pairs, items and files that the page has to know.
    """
    pairs = {row["pair_id"]: row for row in run.table("pairs").to_pylist()}
    details = pair_details(run, estimator)
    rows: list[GalleryRow] = []
    written: dict[str, bytes] = {}
    for number, page in enumerate(_pages(pair_records(run, pairs, estimator, details), PAGE)):
        rows += [row for _, row in page]
        name = f"pairs-{number:06d}"
        written[f"data/{name}.js"] = data_file(name, [record for record, _ in page])
        if len(written) == _AT_ONCE:
            site.write(written)
            written = {}
        if progress is not None:
            progress(len(rows), len(pairs))
    site.write(written)
    wanted = {one for row in rows for one in (row.left_id, row.right_id)}
    wanted |= {
        one[part] for own in details.margins.values() for one in own for part in ("query", "correct", "wrong")
    }
    names = _write_items(run, site, wanted, {(row.left_id, row.right_id): row.pair_id for row in rows})
    places = {item_id: place for place, item_id in enumerate(names)}
    n_index = 0
    for number, part in enumerate(_pages(rows, INDEX)):
        name, n_index = f"index-{number:06d}", number + 1
        site.write({f"data/{name}.js": data_file(name, gallery_columns(part, places, names))})
    return {
        "n_pairs": len(rows),
        "n_items": len(places),
        "n_index": n_index,
        "pairs_per_page": PAGE,
        "items_per_page": PAGE,
    }


def _write_items(
    run: Run, site: SiteFiles, wanted: set[str], pair_of: Mapping[tuple[str, str], str]
) -> dict[str, list[str]]:
    """Write pages of items, photographs and columns; names of the segments of each item, in order."""
    kept = []
    written: dict[str, bytes] = {}
    for number, page in enumerate(_pages(read_stored_items(run, wanted, pair_of), PAGE)):
        name = f"items-{number:06d}"
        written |= {
            f"photos/{item.record['item_id']}.jpg": item.photo for item in page if item.photo is not None
        }
        written[f"data/{name}.js"] = data_file(name, [item.record for item in page])
        if len(written) > _FILES_AT_ONCE:  # each write lists all files of the site anew
            site.write(written)
            written = {}
        kept += [
            (item.record | {"labels": None, "regions": [], "answers": []}, item.segments) for item in page
        ]
    site.write(written | {"data/items.js": data_file("items", item_columns(kept))})
    return {
        record["item_id"]: [_named(place, row) for place, row in enumerate(rows)] for record, rows in kept
    }


def _named(place: int, segment: Mapping[str, object]) -> str:
    """The word, or number and label of the region, as the viewer names them."""
    label = f" {segment['label']}" if segment["label"] else ""
    return str(segment["word"] or f"{place}{label}")


def _pages(values: Iterable[_Value], size: int) -> Iterator[list[_Value]]:
    iterator = iter(values)
    while page := list(islice(iterator, size)):
        yield page
