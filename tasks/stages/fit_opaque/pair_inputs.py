"""Both items of a pair under coalitions, as inputs of a scorer of pairs."""

from collections.abc import Sequence
from functools import partial

import numpy as np
from jaxtyping import Bool, Float
from torch import Tensor

from ilime_core.encoding.composites import Composites
from ilime_core.errors import InputError, ItemError
from ilime_core.modality import Modality
from ilime_core.opaque.scored_game import MaskedTexts, MaskedViews
from ilime_core.perturbation.randomness import item_rng
from ilime_core.perturbation.text_removal import TextRemoval, remove_words
from ilime_core.pictures.decoding import label_map_from_png
from ilime_core.protocols.pairs import PairScorer
from ilime_core.segmentation.label_transfer import transfer_labels
from ilime_core.view_records import ImageSegments, TextSegments
from tasks.corpora.images.loading import images_of, read_unchanged
from tasks.runs.items import Item
from tasks.stages.score.perturb import StagePlace, baseline_of, read_text_segments, view_rows
from tasks.stages.segment.view_geometry import GEOMETRY, view_geometry

__all__ = ["masked_texts", "masked_views"]


def masked_views(place: StagePlace, scorer: PairScorer, item: Item) -> MaskedViews:
    """Views of an image under coalitions: the scorer's own crop, with the segments that the run has cut.

    Parameters
    ----------
    place
        Item blocks whose segments are read.
    scorer
        Cuts its own view and holds the device.
    item
        Image of the pair.

    Returns
    -------
    MaskedViews
        Maps masks (rows, segments) to pixels (rows, 3, height, width) in [0, 1].

    Raises
    ------
    InputError
        If the image can no longer be read.
    """
    run = place.run
    [row] = view_rows(run, place.blocks, [item.item_id], ["label_map", *GEOMETRY.values()]).to_pylist()
    try:
        opened = read_unchanged(images_of(run.plan.parameters.corpus), item.image, item.sha256)
    except ItemError as error:  # it could be decoded when it was embedded
        raise InputError(f"an image has changed since it was embedded: {error}") from error
    view = scorer.view(opened.image)
    cut = view_geometry(row)
    labels = transfer_labels(label_map_from_png(row["label_map"]), cut, view.geometry)
    # A segment that the scorer's crop leaves out has no pixel, and baselines want every label present.
    present, numbers = np.unique(labels, return_inverse=True)
    segments = ImageSegments(numbers.reshape(labels.shape).astype(np.int32), len(present))
    rng = item_rng(run.plan.parameters.seed, Modality.IMAGE, item.sha256, "baseline")
    baseline = baseline_of(run)(view.pixels, segments, rng)
    if baseline is None:
        raise InputError("a scorer of pairs reads pictures, and drop_tokens makes none: take segment_mean")
    return partial(_rows, Composites(view.pixels, baseline, labels, scorer.device))


def masked_texts(place: StagePlace, scorer: PairScorer, items: Sequence[Item]) -> dict[str, MaskedTexts]:
    """Texts under coalitions, by item id; the scorer's own mask word replaces removed ones.

    Parameters
    ----------
    place
        Item blocks whose segments are read.
    scorer
        Its mask word is used.
    items
        Texts of the block.

    Returns
    -------
    dict of str to MaskedTexts
        Each maps masks (rows, segments) to texts.
    """
    removal = place.run.plan.parameters.perturbation.text_removal
    return {
        item_id: partial(_written, segments, removal, scorer.mask_word)
        for item_id, segments in read_text_segments(place, items).items()
    }


def _rows(
    composites: Composites, masks: Bool[Tensor, "rows segments"]
) -> Float[Tensor, "rows 3 height width"]:
    return composites(masks).float().div_(255)


def _written(
    segments: TextSegments, removal: TextRemoval, mask_word: str, masks: Bool[Tensor, "rows segments"]
) -> list[str]:
    return remove_words(segments, masks.cpu().numpy(), removal, mask_word)
