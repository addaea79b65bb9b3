"""Masks of an item in memory: what the options ask for, drawn by the item's content."""

from functools import partial

from ilime_core.effects.registry import row_sets, rows_read
from ilime_core.explaining.contents import Content
from ilime_core.explaining.options import ExplainOptions
from ilime_core.perturbation.coalitions import MaskRequest, draw_masks
from ilime_core.perturbation.item_masks import ItemMasks
from ilime_core.perturbation.randomness import item_rng
from ilime_core.perturbation.windows import nearest_regions
from ilime_core.records import ImageSegments, Modality, TextSegments

__all__ = ["draw_content_masks"]


def draw_content_masks(
    content: Content, segments: ImageSegments | TextSegments, options: ExplainOptions
) -> ItemMasks:
    """Draw the masks of one item, the same as a run of that seed draws them.

    Parameters
    ----------
    content
        Item that the random choices derive from.
    segments
        Segments of the item; of an image also their places count, for estimators that remove windows.
    options
        Estimators, numbers of masks and seed.

    Returns
    -------
    ItemMasks
        Fitted masks by set, and the held-out ones.
    """
    image = content.modality is Modality.IMAGE
    shapley = options.shapley_image_masks if image else options.shapley_text_masks
    request = MaskRequest(
        design=options.design,
        n_masks=options.max_image_masks if image else options.max_text_masks,
        p=options.p,
        shapley_masks=shapley if "shapley" in rows_read(options.estimators) else 0,
        further=row_sets(options.estimators, options.fit, content.modality),
    )
    return draw_masks(
        segments.n_segments,
        request=request,
        n_held_out=options.held_out_image_masks if image else options.held_out_text_masks,
        rng_of=partial(item_rng, options.seed, content.modality, content.sha256),
        neighbours=nearest_regions(segments.labels) if isinstance(segments, ImageSegments) else None,
    )
