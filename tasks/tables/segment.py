"""Tables that stage segment writes: what is explained of an item."""

from tasks.tables.columns import BYTES, FLAG, INT, ITEM, OWN_ITEM, REAL, SEGMENT, TEXT, Column, Table

__all__ = ["TABLES"]

TABLES = (
    Table(
        "segments",
        "segment",
        ("item_id", "segment"),
        "what is explained: regions of images, words of texts",
        (
            ITEM,
            SEGMENT,
            Column("area", INT, "pixels in the upright original", "px"),
            Column("share", REAL, "share of the model's view, or of the text's words"),
            Column("bbox_x", INT, "left edge in the upright original", "px"),
            Column("bbox_y", INT, "top edge in the upright original", "px"),
            Column("bbox_width", INT, "in the upright original", "px"),
            Column("bbox_height", INT, "in the upright original", "px"),
            Column("rle", TEXT, "COCO compressed run-length mask of the upright original (column order)"),
            Column(
                "label",
                TEXT,
                "name of what a given region shows, NFKC and case-folded; NULL of the background and of "
                "regions without a name",
            ),
            Column(
                "label_source",
                TEXT,
                "where label is from: instances or panoptic (names of categories, of corpus.regions or "
                "corpus.instances), label_names, or column (corpus.object_column)",
            ),
            Column("char_start", INT, "first code point in the text"),
            Column("char_end", INT, "one past the last code point"),
            Column("text", TEXT, "the span as written"),
            Column("word", TEXT, "NFKC and case-folded, for grouping"),
            Column("truncated", FLAG, "beyond the model's context: no effect, not explained"),
            Column(
                "word_class",
                TEXT,
                "of texts: number, negation, colour, size, material, spatial, action, content or function, "
                "the first of them that a word of the segment has",
            ),
        ),
        references=(OWN_ITEM,),
    ),
    Table(
        "views",
        "segment",
        ("item_id",),
        "what the model saw of an item and how it was cut",
        (
            ITEM,
            Column("view_width", INT, "model input", "px"),
            Column("view_height", INT, "model input", "px"),
            Column("view_left", REAL, "left edge of the view in the upright original", "px"),
            Column("view_top", REAL, "top edge of the view in the upright original", "px"),
            Column("scale_x", REAL, "view pixels per original pixel"),
            Column("scale_y", REAL, "view pixels per original pixel"),
            Column("original_width", INT, "upright original", "px"),
            Column("original_height", INT, "upright original", "px"),
            Column("label_map", BYTES, "16-bit PNG of segment numbers in the view"),
            Column("view_digest", TEXT, "sha256 of the view's pixels, hex"),
            Column("seen", REAL, "share of the original inside the view, or of the words inside the context"),
            Column("n_segments", INT, "segments that are perturbed"),
            Column("segmentation_digest", TEXT, "digest of the segmentation parameters"),
        ),
        references=(OWN_ITEM,),
    ),
)
