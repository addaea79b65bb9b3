"""Picture of a pair that was explained in memory."""

import hashlib
from dataclasses import asdict
from pathlib import Path

import numpy as np

from ilime_core.errors import InputError
from ilime_core.explaining.explanation import ItemExplanation, PairFactors
from ilime_core.explaining.interaction import InteractionExplanation
from ilime_core.modality import Modality
from ilime_core.pictures.decoding import open_image
from ilime_core.pictures.places import region_place
from ilime_core.regular_file import read_regular
from ilime_core.segmentation.geometry import seen_share
from ilime_core.segmentation.regions import describe_regions
from ilime_core.view_records import TextSegments
from tasks.figures.item_pictures import ImagePicture, ItemPicture, TextPicture, Word, reduced
from tasks.figures.joint_share import joint_share, known
from tasks.figures.pair_picture import FactorPicture, PairPicture
from tasks.run_files.naming import item_id_of, pair_id_of

__all__ = ["explained_picture"]


def explained_picture(found: InteractionExplanation, left: Path | str, right: Path | str) -> PairPicture:
    """Picture of a pair as a run has it, but for what a corpus says of it: relation and ranks.

    Parameters
    ----------
    found
        The explanation.
    left, right
        Its items: image files, or texts.

    Returns
    -------
    PairPicture
        Without curves and margins; its ids are those of a run.

    Raises
    ------
    InputError
        If an image file is not the one that was explained.
    """
    items = _item_picture(left, found.left), _item_picture(right, found.right)
    effects = [item.effects[found.estimator] for item in (found.left, found.right)]
    return PairPicture(
        pair_id=pair_id_of(items[0].item_id, items[1].item_id),
        estimator=found.estimator,
        relation="",
        is_positive=False,
        is_error=False,
        rank_of_right=None,
        rank_of_left=None,
        score=found.fit.f_full,
        left=items[0],
        right=items[1],
        weights=found.weights.astype(np.float64),
        errors=found.standard_errors.astype(np.float64),
        p_values=found.p_values.astype(np.float64),
        left_effect=found.left_effects.intact_effect.astype(np.float64),
        right_effect=found.right_effects.intact_effect.astype(np.float64),
        sampled=tuple(one.n_masks if one.sampled else None for one in effects),
        joint=joint_share(asdict(found.fit)),
        split_half_error=known(found.fit.split_half_error),
        factors=_factors(found.factors),
        curves=(),
        margins=(),
    )


def _item_picture(given: Path | str, item: ItemExplanation) -> ItemPicture:
    segments = item.segments
    if isinstance(segments, TextSegments):
        text, seen = segments.text, segments.n_segments
        spans = zip(segments.starts[:seen], segments.ends[:seen], strict=True)
        words = tuple(Word(start, end, text[start:end]) for start, end in spans)
        item_id = item_id_of(Modality.TEXT, text.encode())
        return TextPicture(item_id, text, words, n_truncated=len(segments.starts) - seen)
    path, data = Path(given), read_regular(Path(given))
    if item.view is None or hashlib.sha256(data).hexdigest() != item.sha256:
        raise InputError(f"{path}: is not the file that was explained; did it change meanwhile?")
    geometry = item.view.geometry
    size, regions = (geometry.original_width, geometry.original_height), describe_regions(segments, geometry)
    return ImagePicture(
        item_id_of(Modality.IMAGE, data),
        path.name,
        *reduced(open_image(data).image, item.label_map),
        places=tuple(
            region_place((x, y, width, height), share, size)
            for (x, y, width, height), share in zip(
                regions.boxes.tolist(), regions.share.tolist(), strict=True
            )
        ),
        seen=seen_share(geometry),
        problem="",
    )


def _factors(found: PairFactors) -> tuple[FactorPicture, ...]:
    rows = zip(found.strengths, found.energy, found.gap, found.left_vectors, found.right_vectors, strict=True)
    return tuple(
        FactorPicture(component, float(strength), float(energy), float(gap), left, right)
        for component, (strength, energy, gap, left, right) in enumerate(rows, start=1)
    )
