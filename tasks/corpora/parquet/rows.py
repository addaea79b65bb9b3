"""Reader of Parquet files as Hugging Face datasets have them: an image, its captions and its id in a row."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ilime_core.errors import FailureReason, InputError, ItemError
from tasks.corpora.corpus import Corpus, ImageEntry, ImageFiles, TextEntry, image_text_corpus, merged_tags
from tasks.corpora.fields import CorpusFields
from tasks.corpora.format import IMAGES, CorpusFormat
from tasks.corpora.parquet.columns import SPLIT_COLUMN, column_values, find_columns, require_column, texts
from tasks.corpora.parquet.guess import guess_parquet
from tasks.corpora.parquet.images import RowImages
from tasks.corpora.parquet.object_columns import check_object_column, class_names
from tasks.corpora.parquet.paths import image_paths
from tasks.corpora.parquet.splits import files_of_split
from tasks.corpora.parquet.tables import open_table
from tasks.corpora.reading.file_patterns import find_files, parse_pattern
from tasks.corpora.reading.json_document import Node
from tasks.corpora.reading.listing import image_key, no_split, with_rejections
from tasks.corpora.reading.object_boxes import ObjectColumn
from tasks.corpora.reading.tags import TagColumns
from tasks.corpora.rejections import Rejections
from tasks.corpora.usable_text import check_text
from tasks.storage.storage import Storage, StoredFile

__all__ = ["PARQUET", "read_parquet"]

_BATCH = 256
_BATCH_BYTES = 2**26  # a dictionary can make a small column unpack to any size


def read_parquet(asked: CorpusFields) -> Corpus:
    """List the images and captions of Parquet files without reading an image.

    Rows that cannot be used are rejected one by one, and so are single captions of a list.

    Parameters
    ----------
    asked
        ``images`` names a file, several by braces or wildcards, or their folder. Names of files and folders,
        or a column ``split``, separate the splits. Rows of one ``id_column`` are one image.

    Raises
    ------
    InputError
        If a file is absent or broken, has no such column or one of another type, or neither names nor
        columns have the split.
    StorageError
        If the transport fails.
    """
    pattern = parse_pattern(asked.images, ".parquet")
    storage = Storage(pattern.root)
    chosen = files_of_split(find_files(storage, pattern), asked.split, storage.url)
    listing = _Listing(asked)
    for file in chosen.files:
        for row in _rows(storage, file, asked, chosen.refusal):
            with listing.rejections.guard(file.key):
                listing.add(row)
            if listing.is_complete:
                break
        if listing.is_complete:
            break
    listing.check()
    images = RowImages(storage, asked.image_column, {file.key: file for file in chosen.files})
    return image_text_corpus(
        listing.images, listing.texts, images, asked.split, "parquet", rejected=listing.rejections.found
    )


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of a file, unchanged."""

    file: str
    number: int
    place: str
    identifier: object
    path: object
    """The image's own file where the row does not hold its bytes."""
    captions: tuple[tuple[str, object], ...]
    """Columns of captions and what they hold."""
    split: object
    """None where no column has it."""
    tags: Node
    """Columns of ``corpus.tags``."""
    objects: Node
    """Column ``corpus.object_column``."""
    class_names: tuple[str, ...]
    """Names of its classes where they are numbers."""


class _Listing:
    """Entries as rows come; rows of one id add captions to the first of them."""

    def __init__(self, asked: CorpusFields) -> None:
        self.images: list[ImageEntry] = []
        self.texts: list[TextEntry] = []
        self.rejections = Rejections(asked.images.rpartition("/")[2])
        self._asked = asked
        self._columns = TagColumns(asked.tags, asked.images)
        self._objects = ObjectColumn(asked, asked.images)
        self._row_of: dict[str, int] = {}
        self._n_captions: list[int] = []
        self._n_rows = 0
        self._splits: Counter[str] = Counter()

    @property
    def _is_full(self) -> bool:
        return self._asked.limit is not None and len(self.images) >= self._asked.limit

    @property
    def is_complete(self) -> bool:
        """Whether no later row can matter: of an image with an id there may be more captions."""
        return self._is_full and not self._asked.id_column

    def add(self, row: _Row) -> None:
        """Take a row, or none of it.

        Raises
        ------
        InputError, ItemError
            If it cannot be used.
        """
        number = self._n_rows
        self._n_rows += 1
        if row.split is not None and not self._is_of_split(row):
            return
        external_id = self._identifier(row, number)
        if external_id not in self._row_of and self._is_full:
            return
        captions = list(self._captions(row))
        tags = self._columns.read(row.tags)
        objects = self._objects.read(row.objects, row.class_names)
        if external_id not in self._row_of:
            entry = _image(row, external_id)
            self._row_of[external_id] = len(self.images)
            self._n_captions.append(0)
            self.images.append(entry)
        image = self._row_of[external_id]
        first = self.images[image]
        self.images[image] = replace(
            first, tags=merged_tags((first.tags, tags)), objects=first.objects or objects
        )
        for text, place in captions:
            name = f"{external_id}#{self._n_captions[image]}"
            self.texts.append(TextEntry(text, row.file, f"{row.number}.{place}", name, image, tags))
            self._n_captions[image] += 1

    def check(self) -> None:
        """Refuse a corpus without the split, or in which no image has a caption."""
        if self._splits and self._asked.split not in self._splits:
            raise no_split(self._asked.images, self._asked.split, self._splits, "row")
        if not self.texts:
            raise InputError(
                f"{self._asked.images}: {len(self.images):,} images and no caption in column"
                f" {self._asked.caption_column!r}, so there is no pair to explain"
                f"{with_rejections(self.rejections)}"
            )

    def _is_of_split(self, row: _Row) -> bool:
        if not row.split:
            message = f"{row.place}: {SPLIT_COLUMN!r} is null or empty; needed is the name of its split"
            raise ItemError(FailureReason.MALFORMED, message)
        self._splits[str(row.split)] += 1
        return row.split == self._asked.split

    def _identifier(self, row: _Row, number: int) -> str:
        if not self._asked.id_column:
            return str(number)
        if row.identifier is None or row.identifier == "":
            got = "null" if row.identifier is None else "empty"
            message = f"{row.place}: {self._asked.id_column!r} is {got}; needed is the image's id"
            raise ItemError(FailureReason.MALFORMED, message)
        return check_text(str(row.identifier), f"{row.place}.{self._asked.id_column}", "the image's id")

    def _captions(self, row: _Row) -> Iterator[tuple[str, str]]:
        """Captions of a row and their places in it; of numbered columns those that are not null."""
        there = [(column, value) for column, value in row.captions if value is not None]
        if not there:
            (first, _), (last, _) = row.captions[0], row.captions[-1]
            null = f"{first!r} is null" if first == last else f"{first!r} to {last!r} are null"
            raise ItemError(FailureReason.MALFORMED, f"{row.place}: {null}; needed is a caption")
        for column, value in there:
            if not isinstance(value, list):
                yield check_text(str(value), f"{row.place}.{column}", "a caption"), column
                continue
            for number, one in enumerate(value):
                place = f"{column}[{number}]" if len(value) > 1 else column
                with self.rejections.guard(row.file):
                    if one is None:
                        raise InputError(f"{row.place}.{place}: is null; needed is a caption")
                    yield check_text(str(one), f"{row.place}.{place}", "a caption"), place


def _image(row: _Row, external_id: str) -> ImageEntry:
    if row.path is None:
        return ImageEntry(row.file, external_id, str(row.number))
    path = check_text(str(row.path), row.place, "the image's file name")
    return ImageEntry(image_key(path, row.place), external_id)


def _rows(
    storage: Storage, file: StoredFile, asked: CorpusFields, refusal: InputError | None
) -> Iterator[_Row]:
    """Rows of a file; ``refusal`` is raised where neither a column nor a name has their split."""
    place = f"{storage.url}/{file.key}"
    with open_table(storage, file) as table:
        require_column(table.schema_arrow, asked.image_column, "image_column", place)
        columns = find_columns(table.schema_arrow, asked, place)
        if refusal is not None and not columns.split:
            raise refusal
        objects = [columns.objects] if columns.objects else []
        for name in objects:
            check_object_column(table.schema_arrow, name, place)
        names = class_names(table.schema_arrow, columns.objects)
        paths = image_paths(table, asked.image_column, file.key, place)
        number = 0
        for batch in table.iter_batches(_BATCH, columns=columns.read(table.schema_arrow)):
            if batch.nbytes > _BATCH_BYTES:
                raise InputError(
                    f"{place}: {batch.num_rows} rows from row {number} on have {batch.nbytes:,} bytes of"
                    f" captions and ids; at most {_BATCH_BYTES:,} are read"
                )
            found = {name: texts(column_values(batch, name)) for name in columns.names}
            for row in range(batch.num_rows):
                yield _Row(
                    file.key,
                    number,
                    f"{place}, row {number}",
                    found[columns.identifier][row] if columns.identifier else None,
                    next(paths),
                    tuple((name, found[name][row]) for name in columns.captions),
                    (found[columns.split][row] or "") if columns.split else None,
                    Node({name: found[name][row] for name in columns.tags}, f"{place}, row {number}"),
                    Node({name: found[name][row] for name in objects}, f"{place}, row {number}"),
                    names,
                )
                number += 1


def _open(asked: CorpusFields) -> ImageFiles:
    return RowImages(Storage(parse_pattern(asked.images, ".parquet").root), asked.image_column)


PARQUET = CorpusFormat(
    read_parquet,
    "Parquet files with a column of images and one of captions, as Hugging Face datasets have them",
    "https://parquet.apache.org/docs/file-format/",
    title="Parquet",
    open=_open,
    required=IMAGES,
    settings=("image_column", "caption_column", "id_column", "object_column", "object_box"),
    guess=guess_parquet,
)
