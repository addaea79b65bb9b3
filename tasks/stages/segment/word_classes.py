"""Word classes of segments that were cut by an earlier run."""

from collections.abc import Collection

import pyarrow as pa

from ilime_core.segmentation.lexicon import segment_classes
from tasks.run_files.plan import OpenRun
from tasks.runs.items import read_items

__all__ = ["with_word_classes"]


def with_word_classes(run: OpenRun, segments: pa.Table, item_ids: Collection[str]) -> pa.Table:
    """Replace the word classes of copied segments by those of a run's own lexicon.

    Parameters
    ----------
    run
        Opened plan of the run that copies.
    segments
        Rows of the table ``segments``, of texts.
    item_ids
        These texts.

    Returns
    -------
    pyarrow.Table
        Copy, in the same order.
    """
    items = read_items(run, item_ids)
    names = ("item_id", "char_start", "char_end")
    rows = list(zip(*(segments[name].to_pylist() for name in names), strict=True))
    spans: dict[str, list[tuple[int, int]]] = {}
    for item_id, start, end in rows:
        spans.setdefault(item_id, []).append((start, end))
    classes = {
        item_id: dict(zip(own, segment_classes(items[item_id].text or "", own, run.lexicon), strict=True))
        for item_id, own in spans.items()
    }
    found = [classes[item_id][start, end] for item_id, start, end in rows]
    place = segments.schema.get_field_index("word_class")
    return segments.set_column(place, segments.schema.field(place), pa.array(found, pa.string()))
