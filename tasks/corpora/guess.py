"""Layout of a corpus, guessed from its file names and their first bytes by asking every format."""

from collections.abc import Iterator
from dataclasses import dataclass

from ilime_core.errors import InputError
from tasks.corpora.clues import AnnotationHead, Clue, FileBeside, ImagesName, ListedFiles
from tasks.corpora.label_column import label_field
from tasks.corpora.parquet.tables import open_table
from tasks.corpora.reading.annotation_file import AnnotationFile
from tasks.corpora.registry import FORMATS
from tasks.storage.storage import Storage

__all__ = ["CorpusGuess", "guess_corpus", "guess_labels"]


@dataclass(frozen=True, slots=True)
class CorpusGuess:
    """A layout, and fields of ``corpus`` that go with it.

    Attributes
    ----------
    why
        What was seen, for people.
    fields
        Names and values beside format and images.
    """

    format: str
    why: str
    fields: tuple[tuple[str, str], ...] = ()


def guess_corpus(images: str, annotations: str) -> CorpusGuess:
    """Guess the format of a corpus and the fields of the spec that go with it.

    Parameters
    ----------
    images
        Folder or pattern, as ``corpus.images`` will say.
    annotations
        Annotation file; empty where none was named.

    Returns
    -------
    CorpusGuess
        First format of the registry that recognises a clue.

    Raises
    ------
    InputError
        If nothing known is there; the message says what was seen and what is known.
    StorageError
        If the transport fails.
    """
    for clue in (_head(annotations),) if annotations else _clues(images):
        found = (("annotations", clue.place),) if isinstance(clue, AnnotationHead) and not annotations else ()
        for name, known in FORMATS.entries.items():
            guess = known.guess(clue)
            if guess is not None:
                return CorpusGuess(name, guess.why, (*found, *guess.fields))
    names = ", ".join(FORMATS.names)
    if annotations:
        raise InputError(
            f"{annotations}: is like no known annotation file; name the layout with --corpus-format, one of"
            f" {names}"
        )
    storage = Storage(images)
    seen = ", ".join(repr(file.key) for file in storage.list()[:3]) or "nothing"
    raise InputError(
        f"{storage.url}: no captions found ({seen} is there); needed are files of one of the formats"
        f" {names}, or an annotation file (--annotations)"
    )


def guess_labels(annotations: str) -> tuple[tuple[str, str], ...]:
    """The column of labels of a table of pairs, where it has another name than the default.

    Raises
    ------
    InputError
        If there is no such table.
    StorageError
        If the transport fails.
    """
    return label_field(_head(annotations).row)


def _clues(images: str) -> Iterator[Clue]:
    """Clues where no annotations are named, the surest first."""
    yield ImagesName(images)
    listed = ListedFiles(Storage(images))
    yield listed
    for key in listed.annotations:
        yield listed.head(key)
    beside = sorted(listed.beside.values(), key=lambda key: not key.lower().endswith(".txt"))
    if beside:
        yield FileBeside(listed.head(beside[0]))


def _head(annotations: str) -> AnnotationHead:
    """Head of a named file; of Parquet the columns alone."""
    if annotations.endswith(".parquet"):
        file = AnnotationFile.find(annotations)
        with open_table(file.storage, file.storage.stat(file.name)) as table:
            return AnnotationHead(annotations, "", dict.fromkeys(table.schema_arrow.names))
    folder, _, name = annotations.rpartition("/")
    return AnnotationHead.read(Storage(folder or ("/" if annotations.startswith("/") else ".")), name)
