"""Reader of Parquet files as Hugging Face datasets have them: an image, its captions and its id in a row."""

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from ilime_core.errors import InputError
from tasks.corpora.corpus import Corpus, CorpusFormat, ImageEntry, ImageFiles, TextEntry, image_text_corpus
from tasks.corpora.file_patterns import find_files, parse_pattern
from tasks.corpora.listing import image_key
from tasks.corpora.parquet_images import RowImages
from tasks.corpora.parquet_paths import image_paths
from tasks.corpora.parquet_splits import files_of_split
from tasks.corpora.parquet_tables import is_text, open_table, require_column
from tasks.parameters import CorpusParameters
from tasks.storage import Storage, StoredFile

__all__ = ["PARQUET", "read_parquet"]

_BATCH = 256
_BATCH_BYTES = 2**26  # a dictionary can make a small column unpack to any size


def read_parquet(asked: CorpusParameters) -> Corpus:
    """List the images and captions of Parquet files without reading an image.

    Parameters
    ----------
    asked
        ``images`` names a file, several by braces or wildcards, or their folder, in which names like
        ``test-00000-of-00003.parquet`` tell the splits apart. Rows of one ``id_column`` are one image.

    Raises
    ------
    InputError
        If a file is absent or broken, has no such column or one of another type, or a row has no id.
    StorageError
        If the transport fails.
    """
    pattern = parse_pattern(asked.images, ".parquet")
    storage = Storage(pattern.root)
    files = find_files(storage, pattern)
    if pattern.is_folder:
        files = files_of_split(files, asked.split, storage.url)
    listing = _Listing(asked)
    for file in files:
        for row in _rows(storage, file, asked):
            listing.add(row)
            if listing.is_complete:
                break
        if listing.is_complete:
            break
    if not listing.texts:
        raise InputError(
            f"{asked.images}: {len(listing.images):,} images and no caption in column"
            f" {asked.caption_column!r}, so there is no pair to explain"
        )
    images = RowImages(storage, asked.image_column, {file.key: file for file in files})
    return image_text_corpus(listing.images, listing.texts, images, asked.split, "parquet")


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of a file; ``path`` is the image's own file where the row does not hold its bytes."""

    file: str
    number: int
    external_id: str | None
    path: str | None
    captions: tuple[str, ...]
    place: str


class _Listing:
    """Entries as rows come; rows of one id add captions to the first of them."""

    def __init__(self, asked: CorpusParameters) -> None:
        self.images: list[ImageEntry] = []
        self.texts: list[TextEntry] = []
        self._limit = asked.limit
        self._has_ids = bool(asked.id_column)
        self._column = asked.caption_column
        self._row_of: dict[str, int] = {}
        self._n_captions: list[int] = []
        self._n_rows = 0

    @property
    def _is_full(self) -> bool:
        return self._limit is not None and len(self.images) >= self._limit

    @property
    def is_complete(self) -> bool:
        """Whether no later row can matter: of an image with an id there may be more captions."""
        return self._is_full and not self._has_ids

    def add(self, row: _Row) -> None:
        external_id = str(self._n_rows) if row.external_id is None else row.external_id
        self._n_rows += 1
        if external_id not in self._row_of:
            if self._is_full:
                return
            self._row_of[external_id] = len(self.images)
            self._n_captions.append(0)
            entry = (
                ImageEntry(row.file, external_id, str(row.number))
                if row.path is None
                else ImageEntry(image_key(row.path, row.place), external_id)
            )
            self.images.append(entry)
        image = self._row_of[external_id]
        for number, text in enumerate(row.captions):
            name = f"{external_id}#{self._n_captions[image]}"
            place = f"{row.number}.{self._column}" + (f"[{number}]" if len(row.captions) > 1 else "")
            self.texts.append(TextEntry(text, row.file, place, name, image))
            self._n_captions[image] += 1


def _rows(storage: Storage, file: StoredFile, asked: CorpusParameters) -> Iterator[_Row]:
    columns = [name for name in (asked.caption_column, asked.id_column) if name]
    place = f"{storage.url}/{file.key}"
    with open_table(storage, file) as table:
        _check_columns(table.schema_arrow, asked, place)
        paths = image_paths(table, asked.image_column, file.key, place)
        number = 0
        for batch in table.iter_batches(_BATCH, columns=columns):
            if batch.nbytes > _BATCH_BYTES:
                raise InputError(
                    f"{place}: {batch.num_rows} rows from row {number} on have {batch.nbytes:,} bytes of"
                    f" captions and ids; at most {_BATCH_BYTES:,} are read"
                )
            captions = batch.column(asked.caption_column).to_pylist()
            ids = batch.column(asked.id_column).to_pylist() if asked.id_column else [None] * len(captions)
            for caption, own in zip(captions, ids, strict=True):
                here = f"{place}, row {number}"
                if asked.id_column and own is None:
                    raise InputError(f"{here}: {asked.id_column!r} is null; needed is the image's id")
                external_id = None if own is None else str(own)
                yield _Row(file.key, number, external_id, next(paths), tuple(_captions(caption)), here)
                number += 1


def _captions(value: str | list[str | None] | None) -> Iterator[str]:
    values = value if isinstance(value, list) else [value]
    yield from (one for one in values if one is not None)


def _check_columns(schema: pa.Schema, asked: CorpusParameters, place: str) -> None:
    require_column(schema, asked.image_column, "image_column", place)
    captions = require_column(schema, asked.caption_column, "caption_column", place)
    if not is_text(captions) and not (_is_list(captions) and is_text(captions.value_type)):
        raise InputError(
            f"{place}: column {asked.caption_column!r} holds {captions}; needed is string or list of string"
        )
    if asked.id_column:
        ids = require_column(schema, asked.id_column, "id_column", place)
        if not (is_text(ids) or pa.types.is_integer(ids)):
            raise InputError(f"{place}: column {asked.id_column!r} holds {ids}; needed are words or integers")


def _is_list(kind: pa.DataType) -> bool:
    return pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)


def _open(asked: CorpusParameters) -> ImageFiles:
    return RowImages(Storage(parse_pattern(asked.images, ".parquet").root), asked.image_column)


PARQUET = CorpusFormat(
    "Parquet files with a column of images and one of captions, as Hugging Face datasets have them",
    read_parquet,
    _open,
)
