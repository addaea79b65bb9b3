"""White-box estimators in stage score: each item once more through the model, with gates or from inside."""

import time
from collections.abc import Iterator, Sequence
from itertools import repeat

import numpy as np

from ilime_core.records import Effects, Modality
from ilime_core.scoring.stopwatch import TimedEncoder
from ilime_core.white_box.records import GatedImage, GatedItem, GatedText, WhiteBoxOptions
from ilime_core.white_box.registry import WHITE_BOX, WHITE_BOX_ENCODES
from ilime_core.white_box.text_gates import gate_words
from tasks.items import Item
from tasks.models import encoder_of
from tasks.parameters import ExplainParameters
from tasks.perturb import Place, masked_images, text_segments
from tasks.plan import OpenRun
from tasks.progress import report

__all__ = ["gated_contents", "white_box_effects", "white_box_estimators"]


def white_box_estimators(parameters: ExplainParameters) -> tuple[str, ...]:
    """Those of a spec that look into the model, in its order."""
    return tuple(name for name in parameters.estimators if name in WHITE_BOX.names)


def gated_contents(
    place: Place, encoder: TimedEncoder, items: Sequence[Item], counts: dict[str, int]
) -> Iterator[GatedImage | GatedText | None]:
    """Items of one modality with gates on their segments, in order; None where no estimator asks for them.

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
    """
    if not items or not white_box_estimators(place.run.plan.parameters):
        yield from repeat(None, len(items))
    elif items[0].modality == Modality.IMAGE.value:
        nothing = {item.item_id: np.zeros((0, counts[item.item_id]), dtype=bool) for item in items}
        for image in masked_images(place, encoder, items, nothing):
            yield GatedImage(image.pixels, image.baseline, image.labels, counts[str(image.key)])
    else:
        for segments in text_segments(place, items).values():
            yield gate_words(encoder.text, segments)


def white_box_effects(run: OpenRun, encoder: TimedEncoder, item: GatedItem) -> dict[str, Effects]:
    """Effects of one item under every white-box estimator of the spec.

    Raises
    ------
    InputError
        If a tower cannot serve an estimator.
    ItemError
        If a value is not finite.
    """
    parameters = run.plan.parameters
    image = isinstance(item.content, GatedImage)
    batch = parameters.blocks.image_batch if image else parameters.blocks.text_batch
    options = WhiteBoxOptions(parameters.estimation.path_steps, batch)
    found: dict[str, Effects] = {}
    started = time.perf_counter()
    for name in white_box_estimators(parameters):
        found[name] = WHITE_BOX[name].make(encoder_of(run), item, options)
        n_encodes = WHITE_BOX_ENCODES[name](item.content.n_segments, options.path_steps)
        report("score", n_encodes, "images" if image else "texts")
    encoder.seconds += time.perf_counter() - started
    return found
