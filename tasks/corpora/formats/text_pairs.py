"""Reader of pairs of texts: paraphrases, questions and passages, sentences with a degree of likeness."""

from collections.abc import Sequence
from dataclasses import replace

from ilime_core.errors import FailureReason, InputError, ItemError
from ilime_core.modality import Modality
from tasks.corpora.clues import AnnotationHead, Clue, Guess
from tasks.corpora.corpus import Corpus, ImageEntry, ImageFiles, TextEntry
from tasks.corpora.fields import CorpusFields
from tasks.corpora.format import ANNOTATIONS, CorpusFormat
from tasks.corpora.label_column import label_field
from tasks.corpora.pair_table import PAIR_FIELDS, Judgements, judged_rows

__all__ = ["TEXT_PAIRS", "NoImages", "read_text_pairs"]

_USUAL_COLUMNS = (
    ("query", "candidate"),
    ("sentence1", "sentence2"),
    ("question1", "question2"),
    ("text1", "text2"),
    ("premise", "hypothesis"),
    ("question", "answer"),
)


class NoImages:
    """The images of a corpus that has none."""

    root = ""

    def read(self, entry: ImageEntry) -> bytes:
        """No image is there, whichever is asked for."""
        raise FileNotFoundError(entry.uri)

    def read_known(self, entry: ImageEntry) -> tuple[bytes, None]:
        """There are no images."""
        return self.read(entry), None

    def fingerprints(self, entries: Sequence[ImageEntry]) -> list[str | None]:
        """None for every entry."""
        return [None] * len(entries)


def read_text_pairs(asked: CorpusFields) -> Corpus:
    """List the queries and the candidates of a table, each in the order in which they first appear.

    Parameters
    ----------
    asked
        ``annotations`` names a table ending in ``.csv``, ``.tsv``, ``.jsonl`` or ``.parquet``;
        ``left_column`` and ``right_column`` its two columns of text, ``label_column`` how much they match
        (above ``relevant_above`` is a match; absent means that all do). Columns of these names with ``_id``
        behind give the corpus's own ids; without them equal texts are one entry. ``limit`` counts queries.

    Raises
    ------
    InputError
        If the table cannot be used: the message names the row, what was got and what is needed.
    StorageError
        If the transport fails.
    """
    found = Judgements(asked.annotations, asked.limit)
    sides = (_Texts(asked.annotations, asked.left_column), _Texts(asked.annotations, asked.right_column))
    for row in judged_rows(asked, found.rejections):
        query, candidate = row.query_id or row.query, row.candidate_id or row.candidate
        if not found.wants(query):
            continue
        with found.rejections.guard():
            if row.relevant is not False and row.query == row.candidate:
                raise InputError(
                    f"{row.place}: {_short(row.query)} is to answer itself; needed are two texts"
                )
            sides[0].check(query, row.query, row.place)
            sides[1].check(candidate, row.candidate, row.place)
            found.add(query, candidate, row)
            sides[0].add(query, row.query, row.query_id, row.number)
            sides[1].add(candidate, row.candidate, row.candidate_id, row.number)
    relevance = found.relevance()
    left, right = (
        tuple(replace(entry, tags=tags[name]) for name, entry in side.entries.items())
        for side, tags in zip(sides, (found.query_tags, found.candidate_tags), strict=True)
    )
    return Corpus(left, right, relevance, NoImages(), asked.split, "text_pairs", found.rejections.found)


class _Texts:
    """Texts of one column by what names them: their id, or themselves."""

    def __init__(self, url: str, column: str) -> None:
        self.entries: dict[str, TextEntry] = {}
        self._uri = url.rpartition("/")[2]
        self._column = column

    def check(self, name: str, text: str, place: str) -> None:
        """Refuse an id that names another text already."""
        earlier = self.entries.get(name)
        if earlier is not None and earlier.text != text:
            raise ItemError(
                FailureReason.DUPLICATE,
                f"{place}: {self._column} {name!r} is {_short(text)} here and {_short(earlier.text)} in row"
                f" {earlier.member.partition('.')[0]}; an id names one text",
            )

    def add(self, name: str, text: str, external_id: str | None, row: int) -> None:
        member = f"{row}.{self._column}"
        self.entries.setdefault(name, TextEntry(text, self._uri, member, external_id or member))


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:59]}\N{HORIZONTAL ELLIPSIS}")


def _open(_: CorpusFields) -> ImageFiles:
    return NoImages()


def _guess(clue: Clue) -> Guess | None:
    if not isinstance(clue, AnnotationHead):
        return None
    for columns in _USUAL_COLUMNS:
        if {*columns} <= clue.row.keys():
            sides = zip(("left_column", "right_column"), columns, strict=True)
            named = () if columns == _USUAL_COLUMNS[0] else sides  # the first are the defaults
            return Guess(clue.columns, (*named, *label_field(clue.row)))
    return None


TEXT_PAIRS = CorpusFormat(
    read_text_pairs,
    "pairs of texts: a table of query, candidate and relevance",
    "ilime",
    title="table of text pairs",
    open=_open,
    required=ANNOTATIONS,
    settings=PAIR_FIELDS,
    split="all",
    sides=(Modality.TEXT, Modality.TEXT),
    guess=_guess,
)
