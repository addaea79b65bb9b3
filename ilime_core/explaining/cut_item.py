"""Items in memory cut into segments, with their masks and what replaces removed regions."""

from dataclasses import dataclass

import numpy as np

from ilime_core.encoders.text_cut import cut_text
from ilime_core.errors import InputError
from ilime_core.explaining.contents import Content
from ilime_core.explaining.mask_requests import draw_content_masks
from ilime_core.explaining.options import ExplainOptions
from ilime_core.perturbation.baselines import BASELINES, BaselineOptions
from ilime_core.perturbation.item_masks import ItemMasks
from ilime_core.perturbation.randomness import item_rng
from ilime_core.protocols.encoders import DualEncoder
from ilime_core.records import ImageSegments, ImageView, Modality, TextSegments
from ilime_core.segmentation.registry import SEGMENTERS, SegmenterOptions

__all__ = ["CutItem", "cut_item"]


@dataclass(frozen=True, slots=True, eq=False)
class CutItem:
    """An item cut into segments, with its masks."""

    content: Content
    segments: ImageSegments | TextSegments
    view: ImageView | None
    baseline: np.ndarray | None
    """Picture that replaces removed regions; None of a text, and where their tokens are left out."""
    masks: ItemMasks


def cut_item(encoder: DualEncoder, content: Content, options: ExplainOptions) -> CutItem:
    """Cut an item into segments and draw its masks, as a run of these options does.

    Parameters
    ----------
    encoder
        Model; an image is cut as its image tower sees it, a text by its tokenizer and context length.
    content
        The item.
    options
        Segmentation, baseline, masks and seed.

    Returns
    -------
    CutItem
        With view and baseline for an image, without for a text.

    Raises
    ------
    InputError
        If a text has no segment that the model sees, or the segmenter is ``given``.
    """
    if content.image is None:
        words = cut_text(content.text, options.text_unit, encoder.text)
        if not words.n_segments:
            raise InputError(f"the text {content.text!r} has no {options.text_unit} that the model sees")
        return CutItem(content, words, None, None, draw_content_masks(content, words, options))
    if options.segmenter == "given":
        raise InputError("given regions need the files of a corpus: choose another segmenter")
    view = encoder.image.view(content.image)
    cutting = SegmenterOptions(options.n_segments, encoder.image.patch_size)
    segments = SEGMENTERS[options.segmenter].make(cutting)(view.pixels)
    replacing = BASELINES[options.image_baseline].make(
        BaselineOptions(options.baseline_colour, options.blur_sigma)
    )
    rng = item_rng(options.seed, Modality.IMAGE, content.sha256, "baseline")
    baseline = replacing(view.pixels, segments, rng)
    return CutItem(content, segments, view, baseline, draw_content_masks(content, segments, options))
