"""An item that was explained in memory as a record of the viewer."""

from ilime_core.explaining.explanation import ItemExplanation
from ilime_core.records import TextSegments
from ilime_core.segmentation.geometry import seen_share
from ilime_core.segmentation.lexicon import english_lexicon
from ilime_core.segmentation.regions import describe_regions
from ilime_core.viewer.building import data_url, image_record, region_record, text_record
from ilime_core.viewer.records import ItemRecord

__all__ = ["item_record"]


def item_record(item: ItemExplanation) -> ItemRecord:
    """Make the record of an item; its id is the digest of its content.

    Parameters
    ----------
    item
        An image or a text.

    Returns
    -------
    ItemRecord
        Of an image with its photograph inside.
    """
    segments = item.segments
    if isinstance(segments, TextSegments):
        seen, lexicon = segments.n_segments, english_lexicon()
        spans = list(zip(segments.starts[:seen], segments.ends[:seen], strict=True))
        classes = [lexicon.of_word(segments.text[start:end]) for start, end in spans]
        n_truncated = len(segments.starts) - seen
        return text_record(item.sha256, segments.text, spans, classes, n_truncated)
    view = item.require_view()
    geometry = view.geometry
    size, regions = (geometry.original_width, geometry.original_height), describe_regions(segments, geometry)
    rows = zip(regions.boxes.tolist(), regions.share.tolist(), strict=True)
    return image_record(
        item.sha256,
        "",
        labels=item.label_map,
        regions=[region_record(None, (x, y, w, h), share, size) for (x, y, w, h), share in rows],
        seen=seen_share(geometry),
        photo="" if item.thumbnail is None else data_url(item.thumbnail),
        problem="none was kept",
    )
