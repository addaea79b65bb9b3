"""File of a lexicon of the user's own, ``segmentation.text.lexicon``, as a table that plans keep."""

import pyarrow as pa

from ilime_core.errors import InputError
from ilime_core.segmentation.lexicon import Lexicon, english_lexicon, parse_lexicon
from tasks.corpora.reading.annotation_file import AnnotationFile

__all__ = ["LEXICON_SCHEMA", "lexicon_of", "read_lexicon_table"]

LEXICON_SCHEMA = pa.schema([pa.field(name, pa.string(), nullable=False) for name in ("word", "class")])

_MAX_BYTES = 2**24


def read_lexicon_table(url: str) -> pa.Table:
    """Read a lexicon.

    Parameters
    ----------
    url
        A file of lines of a word, a tabulator and its class; empty for the packaged lexicon.

    Returns
    -------
    pyarrow.Table
        Rows of LEXICON_SCHEMA, sorted by word; none for the packaged lexicon.

    Raises
    ------
    InputError
        If the file cannot be used: the message names the line, what was got and what is needed.
    StorageError
        If the transport fails.
    """
    if not url:
        return LEXICON_SCHEMA.empty_table()
    file = AnnotationFile.find(url, _MAX_BYTES)
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{file.url}: is not UTF-8 text; needed is a lexicon, like rot<TAB>colour"
        ) from error
    rows = sorted(parse_lexicon(text, file.url).classes.items())
    return pa.Table.from_pylist([{"word": word, "class": name} for word, name in rows], schema=LEXICON_SCHEMA)


def lexicon_of(table: pa.Table) -> Lexicon:
    """Lexicon of the rows of a plan; the packaged one where there are none."""
    if not table.num_rows:
        return english_lexicon()
    return Lexicon(dict(zip(table["word"].to_pylist(), table["class"].to_pylist(), strict=True)))
