"""Truth of explained pairs: pixels mapped into the model's view, code points to its words."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int

from ilime_core.errors import IlimeWarning, InputError
from ilime_core.faithfulness.region_truth import NamedPart, RegionTruth
from ilime_core.faithfulness.truth_in_view import boxes_in_view, mask_in_view, named_part, region_areas
from ilime_core.modality import Modality
from ilime_core.pictures.decoding import label_map_from_png
from ilime_core.view_records import TextSegments, ViewGeometry
from tasks.run_files.match_plan import item_blocks_of
from tasks.run_files.plan import OpenRun
from tasks.runs.items import Item, read_items
from tasks.runs.pairs import matched_pairs
from tasks.stages.score.perturb import StagePlace, read_text_segments, view_rows
from tasks.stages.segment.view_geometry import GEOMETRY, view_geometry
from tasks.storage.storage import StorageError
from tasks.truth.truth import TruePart, Truth

__all__ = ["region_truths"]


@dataclass(frozen=True, slots=True, eq=False)
class _View:
    """Regions of an image in the model's view."""

    labels: Int[np.ndarray, "height width"]
    n_regions: int
    geometry: ViewGeometry

    def shows(self, part: TruePart, image: Item) -> Bool[np.ndarray, "height width"]:
        if isinstance(part.shows, tuple):
            edges = [(box.x, box.y, box.width, box.height) for box in part.shows]
            return boxes_in_view(np.array(edges, dtype=float), self.geometry)
        try:
            return mask_in_view(part.shows, self.geometry)
        except InputError as error:
            raise InputError(f"faithfulness.truth: {image.uri}: {error}") from error


def region_truths(run: OpenRun, truth: Truth, pair_ids: Sequence[str]) -> dict[str, RegionTruth]:
    """Regions that show what the words of explained pairs name.

    Parameters
    ----------
    run
        Its stage segment has cut the items.
    truth
        Of the run's corpus.
    pair_ids
        Which of its pairs.

    Returns
    -------
    dict
        By pair id; a pair of which nothing is known is omitted, and so is one with an item that could not
        be cut, or of which what is said cannot be used: a warning names the place. Words beyond the model's
        context name nothing.

    Raises
    ------
    StorageError
        If the transport fails.
    """
    pairs = matched_pairs(run, pair_ids)
    ids = sorted({name for pair in pairs for name in (pair.left_id, pair.right_id)})
    blocks = item_blocks_of(run, ids)
    items = read_items(run, ids)
    views = _views(run, blocks, ids)
    texts = [items[name] for name in views if items[name].modality == Modality.TEXT]
    words = read_text_segments(StagePlace(run, "measure", tuple(blocks)), texts)
    found: dict[str, RegionTruth] = {}
    faults: list[str] = []
    for pair in pairs:
        view, image, right = views.get(pair.left_id), items[pair.left_id], pair.right_id
        try:
            known = truth.parts(image, items[right]) if view is not None and right in words else ()
            if known and view is not None:
                found[pair.pair_id] = _of_pair(view, words[right], known, image)
        except StorageError:
            raise
        except InputError as error:
            faults.append(str(error))
    if faults:
        warnings.warn(
            f"faithfulness.truth: the ground truth of {len(faults):,} pairs cannot be used, the first:"
            f" {faults[0]}; it is left out",
            IlimeWarning,
            stacklevel=2,
        )
    return found


def _views(run: OpenRun, blocks: Sequence[int], ids: Sequence[str]) -> dict[str, _View | None]:
    """Of the items that could be cut; None for texts."""
    columns = ["item_id", "n_segments", "label_map", *GEOMETRY.values()]
    return {
        row["item_id"]: _View(
            label_map_from_png(row["label_map"]),
            row["n_segments"],
            view_geometry(row),
        )
        if row["label_map"] is not None
        else None
        for row in view_rows(run, blocks, ids, columns).to_pylist()
    }


def _of_pair(view: _View, words: TextSegments, known: Sequence[TruePart], image: Item) -> RegionTruth:
    parts: list[NamedPart] = []
    for part in known:
        spans = zip(words.starts, words.ends, strict=True)
        own = tuple(
            number
            for number, (start, end) in enumerate(spans)
            if number < words.n_segments and start < part.char_end and end > part.char_start
        )
        if own or part.char_start == part.char_end:
            parts.append(named_part(own, view.shows(part, image), view.labels, view.n_regions))
    return RegionTruth(tuple(parts), region_areas(view.labels, view.n_regions))
