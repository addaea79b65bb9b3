"""Choice of pairs by id, by image or by fidelity."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ilime_core.errors import InputError
from ilime_core.near_names import did_you_mean, near_ids
from tasks.corpora.corpus import ImageEntry
from tasks.figures.pair_picture import primary_estimator
from tasks.runs.items import ENTRY_COLUMNS, image_entry
from tasks.runs.run import Run
from tasks.tables.row_filters import among

__all__ = ["choose_shown_pairs", "fitted_pairs"]

_NAMED = 8
"""Candidates that an error names."""

_SHORT = 12
"""Characters of an id that an error shows."""


def choose_shown_pairs(
    run: Run,
    *,
    pair: str | None = None,
    image: str | None = None,
    worst: bool = False,
    any_pair: bool = False,
    seed: int = 0,
) -> list[str]:
    """Ids of the chosen pairs; without a choice all pairs, matches of the corpus first.

    Parameters
    ----------
    run
        Stored run.
    pair
        Prefix of exactly one pair id.
    image
        Name of an image: its file name, its path in the corpus or the corpus's own id.
    worst
        True for the match whose W explains least of its joint variance.
    any_pair
        True for one random pair, the same for the same ``seed``.
    seed
        Seed of ``any_pair``.

    Returns
    -------
    list of str
        Pair ids.

    Raises
    ------
    InputError
        If more than one way to choose is given, or nothing or several fit; the message lists candidates.
    """
    ways = [pair is not None, image is not None, worst, any_pair]
    if sum(ways) > 1:
        raise InputError("choose pairs in one way: by id, by image, the worst, or any")
    if image is not None:
        return _of_image(run, image)
    ids = fitted_pairs(run)
    if not ids:
        raise InputError(f"run {run.run_id} has explained no pair yet")
    if pair is not None:
        return _with_prefix(run, ids, pair)
    if worst:
        return [_worst(run)]
    return [ids[int(np.random.default_rng(seed).integers(len(ids)))]] if any_pair else ids


def fitted_pairs(run: Run) -> list[str]:
    """Explained pairs: matches of the corpus first, then errors, then the rest; the best ranked first."""
    fitted = set(_fits(run, ["pair_id"])["pair_id"].to_pylist())
    columns = ["pair_id", "is_positive", "is_error", "rank_right_to_left", "rank_left_to_right"]
    rows = [row for row in run.table("pairs", columns).to_pylist() if row["pair_id"] in fitted]

    def place(row: dict[str, object]) -> tuple[object, ...]:
        ranks = [row["rank_right_to_left"], row["rank_left_to_right"]]
        kind = 0 if row["is_positive"] else 1 if row["is_error"] else 2
        return kind, *(rank if rank is not None else 2**31 for rank in ranks), row["pair_id"]

    return [row["pair_id"] for row in sorted(rows, key=place)]


def _fits(run: Run, columns: list[str]) -> pa.Table:
    return run.table("fits", columns, pc.field("estimator") == primary_estimator(run))


def _with_prefix(run: Run, ids: list[str], prefix: str) -> list[str]:
    fitting = sorted(name for name in ids if name.startswith(prefix))
    if len(fitting) == 1:
        return fitting
    if not fitting:
        held = _list([name[:_SHORT] for name in sorted(ids)])
        hint = near_ids(prefix, ids, _SHORT) or "."
        raise InputError(f"no pair of run {run.run_id} starts with {prefix!r}{hint} It holds {held}")
    named = _list([name[: max(_SHORT, len(prefix) + 6)] for name in fitting])
    raise InputError(f"{prefix!r} fits {len(fitting)} pairs: {named}; give more of it")


def _of_image(run: Run, image: str) -> list[str]:
    rows = run.table("items", ["item_id", *ENTRY_COLUMNS], pc.field("modality") == "image").to_pylist()
    items = [(row["item_id"], image_entry(row)) for row in rows]
    fitting = {item_id for item_id, entry in items if image in _names(entry)}
    if not fitting:
        names = _list(sorted(entry.title for _, entry in items))
        hint = did_you_mean(image, {name for _, entry in items for name in _names(entry)}) or "."
        raise InputError(f"no image of run {run.run_id} is called {image!r}{hint} It holds {names}")
    if len(fitting) > 1:
        places = sorted(_place(entry) for item_id, entry in items if item_id in fitting)
        if len(set(places)) > 1:
            raise InputError(f"{image!r} fits {len(places)} images: {_list(places)}; give the whole place")
    mine = among("left_id", sorted(fitting)) | among("right_id", sorted(fitting))
    own = set(run.table("pairs", ["pair_id"], mine)["pair_id"].to_pylist())
    found = [name for name in fitted_pairs(run) if name in own]
    if not found:
        raise InputError(f"no pair of image {image!r} was explained in run {run.run_id}")
    return found


def _worst(run: Run) -> str:
    positive = set(run.table("pairs", ["pair_id"], pc.field("is_positive"))["pair_id"].to_pylist())
    fits = _fits(run, ["pair_id", "r2_cross", "r2_cross_held_out"]).to_pylist()
    for quantity in ("r2_cross", "r2_cross_held_out"):  # the closed form is unknown where masks are few
        rows = [row for row in fits if row[quantity] is not None]
        rows = [row for row in rows if row["pair_id"] in positive] or rows
        if rows:
            return min((row[quantity], row["pair_id"]) for row in rows)[1]
    raise InputError(f"no pair of run {run.run_id} has an R2 of its cross term")


def _names(entry: ImageEntry) -> set[str]:
    return {entry.title, entry.external_id, _place(entry)}


def _place(entry: ImageEntry) -> str:
    """File of an image, or its member inside a file."""
    return entry.uri if entry.member is None else f"{entry.uri}/{entry.member}"


def _list(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
