"""Which layout a corpus has, by the names of its files and their first bytes."""

import re
from collections.abc import Sequence

from ilime_core.errors import InputError
from tasks.corpora.parquet.guess import parquet_fields
from tasks.corpora.parquet.splits import split_of_name
from tasks.corpora.parquet.tables import open_table
from tasks.corpora.reading.annotation_file import AnnotationFile
from tasks.corpora.reading.file_patterns import find_files, parse_pattern
from tasks.corpora.reading.sidecars import IMAGE_SUFFIXES
from tasks.corpora.table_guess import CorpusGuess, first_row, guess_of_row, label_field
from tasks.storage.storage import MissingFileError, Storage

__all__ = ["CorpusGuess", "guess_corpus", "guess_labels"]

_HEAD = 65_536
_BLANK = "\ufeff \r\n\t"
_TABLES = ("captions.csv", "captions.jsonl", "captions.txt", "metadata.csv", "metadata.jsonl")
_SNIFFED = (".json", ".csv", ".token", "token.txt")
_PATTERN = frozenset("*?[{")


def guess_corpus(images: str, annotations: str) -> CorpusGuess:
    """Guess.

    Parameters
    ----------
    images
        Folder or pattern, as ``corpus.images`` will say.
    annotations
        Annotation file; empty where none was named.

    Raises
    ------
    InputError
        If nothing known is there; the message says what was seen and what is known.
    StorageError
        If the transport fails.
    """
    if annotations:
        return _of_annotations(annotations)
    for suffix, name in ((".tar", "webdataset"), (".parquet", "parquet")):
        if images.endswith(suffix):
            fields = _named_fields(images) if name == "parquet" else ()
            return CorpusGuess(name, f"names end in {suffix}", fields)
    storage = Storage(images)
    files = storage.list()
    keys = [file.key for file in files]
    n_shards = sum(key.endswith(".tar") for key in keys)
    if n_shards:
        return CorpusGuess("webdataset", f"{n_shards} files end in .tar")
    tables = [file for file in files if file.key.endswith(".parquet")]
    if tables and not _stems_beside(keys):  # img2dataset lays a table without images beside its files
        return CorpusGuess("parquet", f"{len(tables)} files end in .parquet", parquet_fields(storage, tables))
    return _of_folder(storage, keys)


def _stems_beside(keys: Sequence[str]) -> dict[str, str]:
    """Keys of the text or JSON file beside each image that has one, by its name without the ending."""
    images = {key.rsplit(".", 1)[0] for key in keys if key.lower().endswith(tuple(IMAGE_SUFFIXES))}
    beside = {key.rsplit(".", 1)[0]: key for key in keys if key.lower().endswith((".json", ".txt"))}
    return {stem: key for stem, key in beside.items() if stem in images}


def _named_fields(images: str) -> tuple[tuple[str, str], ...]:
    """Fields of one Parquet file, or of a folder that is called like one; a pattern is not looked for."""
    pattern = parse_pattern(images, ".parquet")
    if "/" in pattern.path or not _PATTERN.isdisjoint(pattern.path):
        return ()
    storage = Storage(pattern.root)
    found = find_files(storage, pattern).files
    fields = parquet_fields(storage, found)
    split = split_of_name(found[0].key) if len(found) == 1 else None
    return tuple((name, split or value) if name == "split" else (name, value) for name, value in fields)


def guess_labels(annotations: str) -> tuple[tuple[str, str], ...]:
    """The column of labels of a table of pairs, where it has another name than the default.

    Raises
    ------
    InputError
        If there is no such table.
    StorageError
        If the transport fails.
    """
    if not annotations.endswith(".parquet"):
        folder, name = _folder_and_name(annotations)
        return label_field(first_row(_head(Storage(folder), name).lstrip(_BLANK), name))
    file = AnnotationFile.find(annotations)
    with open_table(file.storage, file.storage.stat(file.name)) as table:
        return label_field(dict.fromkeys(table.schema_arrow.names))


def _of_folder(storage: Storage, keys: Sequence[str]) -> CorpusGuess:
    tables = [name for name in _TABLES if name in keys]
    if len(tables) > 1:
        raise InputError(
            f"{storage.url}: holds {' and '.join(tables)}; name the one that counts with --annotations"
        )
    if tables:
        return _of_table(_head(storage, tables[0]).lstrip(_BLANK), tables[0])
    beside = _stems_beside(keys)
    for key in keys:
        if "/" not in key and key.endswith(_SNIFFED) and key.rsplit(".", 1)[0] not in beside:
            guess = _sniffed(_head(storage, key), key)
            if guess is not None:
                place = f"{storage.url.rstrip('/')}/{key}"
                return CorpusGuess(guess.format, guess.why, (("annotations", place), *guess.fields))
    if any(key.lower().endswith(".txt") for key in beside.values()):
        return CorpusGuess("folder", "a .txt file beside each image")
    if beside and '"caption"' in _head(storage, next(iter(beside.values()))):
        return CorpusGuess("folder", "a .json file with 'caption' beside each image")
    seen = ", ".join(map(repr, keys[:3])) or "nothing"
    raise InputError(
        f"{storage.url}: no captions found ({seen} is there); needed are {', '.join(_TABLES)}, "
        ".txt files beside images, .tar shards, .parquet files, or an annotation file (--annotations)"
    )


def _of_annotations(annotations: str) -> CorpusGuess:
    folder, name = _folder_and_name(annotations)
    if name.endswith(".parquet"):
        why = f"{name}: only pairs of images come as Parquet beside their images"
        return CorpusGuess("image_pairs", why, guess_labels(annotations))
    head = _head(Storage(folder), name)
    guess = _sniffed(head, name)
    if guess is not None:
        return guess
    raise InputError(
        f"{annotations}: is like no known annotation file (Karpathy's or COCO's JSON, Flickr30k's CSV, "
        "captions or pairs of images as CSV, JSONL or Parquet); name the layout with --corpus-format"
    )


def _folder_and_name(annotations: str) -> tuple[str, str]:
    folder, _, name = annotations.rpartition("/")
    return folder or ("/" if annotations.startswith("/") else "."), name


def _sniffed(head: str, name: str) -> CorpusGuess | None:
    text = head.lstrip(_BLANK)
    if text.startswith("{") and not name.endswith(".jsonl"):
        if re.search(r'"(sentences|sentids)"\s*:', text):
            return CorpusGuess("karpathy", f"{name}: images with sentences")
        found = re.search(r'"(file_name|image_id)"\s*:', text)
        return CorpusGuess("coco_captions", f"{name}: images by file_name") if found else None
    if re.match(r"\S+\.jpg#\d+\t", text):
        return CorpusGuess("flickr30k", f"{name}: lines like name.jpg#0", (("split", "all"),))
    if name.endswith(_TABLES):
        return _of_table(text, name)
    return guess_of_row(first_row(text, name), name)


def _of_table(text: str, name: str) -> CorpusGuess:
    """A table whose name says that it has captions; ``captions.txt`` may have a tab and no header."""
    line = text.partition("\n")[0]
    guess = None if name.endswith(".txt") and "\t" in line else guess_of_row(first_row(text, name), name)
    fields = guess.fields if guess is not None and guess.format == "folder" else ()
    return CorpusGuess("folder", name if guess is None else guess.why, fields)


def _head(storage: Storage, key: str) -> str:
    try:
        with storage.open(key) as stream:
            return stream.read(_HEAD).decode("utf-8", errors="replace")
    except MissingFileError as error:
        raise InputError(f"{storage.url}/{key}: there is no such file") from error
