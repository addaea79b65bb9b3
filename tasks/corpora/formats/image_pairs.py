"""Reader of visual search: which images answer which, in a table of query, candidate and relevance."""

from ilime_core.errors import InputError
from ilime_core.modality import Modality
from tasks.corpora.clues import AnnotationHead, Clue, Guess, has_image_name
from tasks.corpora.corpus import Corpus, ImageEntry
from tasks.corpora.fields import CorpusFields
from tasks.corpora.format import ANNOTATIONS, IMAGES, CorpusFormat
from tasks.corpora.label_column import label_field
from tasks.corpora.pair_table import PAIR_FIELDS, JudgedRow, Judgements, judged_rows
from tasks.corpora.reading.listing import image_key
from tasks.corpora.reading.stored_images import StoredImages
from tasks.storage.storage import Storage

__all__ = ["IMAGE_PAIRS", "read_image_pairs"]


def read_image_pairs(asked: CorpusFields) -> Corpus:
    """List the queries and the candidates of a table, each in the order in which they first appear.

    Parameters
    ----------
    asked
        ``annotations`` names a table ending in ``.csv``, ``.tsv``, ``.jsonl`` or ``.parquet``, with columns
        of queries, candidates and, where wanted, relevance (above 0 is relevant; no such column: all are)
        and split; ``images`` the folder that names in the table are relative to. ``limit`` counts queries.

    Raises
    ------
    InputError
        If the table cannot be used: the message names the row, what was got and what is needed.
    StorageError
        If the transport fails.
    """
    found = Judgements(asked.annotations, asked.limit)
    for row in judged_rows(asked, found.rejections):
        with found.rejections.guard():
            query, candidate = _keys(row, asked)
            if not found.wants(query):
                continue
            if row.relevant is not False and query == candidate:
                raise InputError(f"{row.place}: {query!r} is to answer itself; needed are two images")
            found.add(query, candidate, row)
    relevance = found.relevance()
    left, right = (
        tuple(ImageEntry(key, key, tags=tags[key]) for key in side)
        for side, tags in ((found.queries, found.query_tags), (found.candidates, found.candidate_tags))
    )
    files = StoredImages(Storage(asked.images))
    return Corpus(left, right, relevance, files, asked.split, "image_pairs", found.rejections.found)


def _keys(row: JudgedRow, asked: CorpusFields) -> tuple[str, str]:
    for column, name in ((asked.left_column, row.query), (asked.right_column, row.candidate)):
        if not name:
            raise InputError(f"{row.place}: {column!r} is empty; needed is an image's file name")
    return image_key(row.query, row.place), image_key(row.candidate, row.place)


def _guess(clue: Clue) -> Guess | None:
    if not isinstance(clue, AnnotationHead):
        return None
    if clue.name.endswith(".parquet"):
        why = f"{clue.name}: only pairs of images come as Parquet beside their images"
        return Guess(why, label_field(clue.row))
    query = str(clue.row.get("query", "")).strip()
    images = {"query", "candidate"} <= clue.row.keys() and (has_image_name(query) or " " not in query)
    return Guess(clue.columns, label_field(clue.row)) if images else None


IMAGE_PAIRS = CorpusFormat(
    read_image_pairs,
    "visual search: a table of query, candidate and relevance, both images",
    "ilime",
    title="table of image pairs",
    open=lambda asked: StoredImages(Storage(asked.images)),
    required={**ANNOTATIONS, **IMAGES},
    settings=PAIR_FIELDS,
    split="all",
    sides=(Modality.IMAGE, Modality.IMAGE),
    guess=_guess,
)
