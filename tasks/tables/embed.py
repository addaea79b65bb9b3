"""Tables that stage embed writes: whole items."""

from tasks.tables.columns import INT, ITEM, LONG, STRINGS, TEXT, VECTOR, WHOLES, Column, Table

__all__ = ["TABLES"]

TABLES = (
    Table(
        "items",
        "embed",
        ("item_id",),
        "every usable item of the corpus",
        (
            ITEM,
            Column("modality", TEXT, "image or text"),
            Column("entry", INT, "row of the manifest"),
            Column("uri", TEXT, "place relative to the corpus root; for texts that of the annotation"),
            Column(
                "uri_member",
                TEXT,
                "member of an archive, row of a table, files of a mosaic, or number of a caption",
            ),
            Column("uri_offset", LONG, "first byte of the image inside an archive", "bytes"),
            Column("uri_size", LONG, "length of the image inside an archive", "bytes"),
            Column("external_id", TEXT, "the corpus's own id"),
            Column("same_entries", WHOLES, "further rows of the manifest with the same content"),
            Column("width", INT, "upright original", "px"),
            Column("height", INT, "upright original", "px"),
            Column("exif_orientation", INT, "EXIF tag 274 of the file, 1 to 8"),
            Column("text", TEXT, "caption as given"),
            Column("tags", STRINGS, "columns of corpus.tags that have a value; NULL where none has"),
            Column("sha256", TEXT, "content digest, hex"),
            Column("fingerprint", TEXT, "what the plan knew of the content: sha256 or the store's etag"),
            Column("embedding", VECTOR, "unit-norm embedding of the whole item"),
        ),
        # One corpus in two layouts is the same: where an item lies is not what it is.
        frozenset(
            {"uri", "uri_member", "uri_offset", "uri_size", "external_id", "fingerprint", "same_entries"}
        ),
    ),
)
