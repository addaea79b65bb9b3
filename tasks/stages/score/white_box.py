"""White-box estimators: each item once more through the model, with gates or from inside."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from ilime_core.modality import Modality
from ilime_core.protocols.encoders import DualEncoder
from ilime_core.records import Effects
from ilime_core.white_box.registry import WHITE_BOX
from ilime_core.white_box.text_gates import gate_words
from ilime_core.white_box_records import GatedImage, GatedItem, GatedText, WhiteBoxOptions
from tasks.runs.items import Item
from tasks.spec.core_options import options_of
from tasks.stages.progress import report_progress
from tasks.stages.score.perturb import StagePlace, masked_images, read_text_segments

__all__ = ["gated_contents", "white_box_effects"]


def gated_contents(
    place: StagePlace, encoder: DualEncoder, items: Sequence[Item], counts: Mapping[str, int]
) -> Iterator[GatedImage | GatedText]:
    """Items of one modality with gates on their segments, in order.

    Parameters
    ----------
    place
        Where their segments are read.
    encoder
        Its view and tokenizer are used.
    items
        Those that were cut.
    counts
        Segments of each, by item id.

    Returns
    -------
    Iterator[GatedImage | GatedText]
        One for each item.
    """
    if not items:
        return
    if items[0].modality == Modality.IMAGE.value:
        nothing = {item.item_id: np.zeros((0, counts[item.item_id]), dtype=bool) for item in items}
        for image in masked_images(place, encoder, items, nothing):
            yield GatedImage(image.pixels, image.painted(), image.labels, counts[str(image.key)])
    else:
        for segments in read_text_segments(place, items).values():
            yield gate_words(encoder.text, segments)


def white_box_effects(
    place: StagePlace, encoder: DualEncoder, names: Sequence[str], item: GatedItem
) -> dict[str, Effects]:
    """Effects of one item under white-box estimators.

    Parameters
    ----------
    place
        Stage that reports progress, and the run with its options.
    encoder
        Model with open towers.
    names
        White-box estimators.
    item
        Item with gates on its segments.

    Returns
    -------
    dict of str to Effects
        Effects by estimator.

    Raises
    ------
    InputError
        If a tower cannot serve an estimator.
    ItemError
        If a value is not finite.
    """
    parameters = place.run.plan.parameters
    image = isinstance(item.content, GatedImage)
    batch = parameters.blocks.image_batch if image else parameters.blocks.text_batch
    options = options_of(WhiteBoxOptions, parameters.estimation, batch_rows=batch)
    found: dict[str, Effects] = {}
    for name in names:
        found[name] = WHITE_BOX[name].make(encoder, item, options)
        n_encodes = WHITE_BOX[name].encodes(item.content.n_segments, options.path_steps)
        report_progress(place.stage, n_encodes, "images" if image else "texts")
    return found
