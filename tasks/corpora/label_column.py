"""The column that says how much two entries match: named, guessed, or none at all."""

from collections.abc import Collection

from ilime_core.errors import InputError
from tasks.corpora.fields import CorpusFields
from tasks.corpora.reading.annotation_rows import no_column

__all__ = ["LABEL_NAMES", "check_label", "label_field", "likely_label"]

LABEL_NAMES = (
    "relevance",
    "relevant",
    "label",
    "labels",
    "score",
    "scores",
    "similarity",
    "similarity_score",
    "gold_label",
    "is_duplicate",
    "rating",
    "judgement",
    "judgment",
    "match",
)
"""Names that such columns often have, the likeliest first."""


def likely_label(columns: Collection[str]) -> str | None:
    """The column that most likely says how much two entries match; None if no name is known."""
    by_name = {column.strip().lower(): column for column in columns}
    return next((by_name[name] for name in LABEL_NAMES if name in by_name), None)


def label_field(columns: Collection[str]) -> tuple[tuple[str, str], ...]:
    """The field ``label_column`` and its value, where it has another name than the default."""
    label = likely_label(columns)
    return () if label is None or label == LABEL_NAMES[0] else (("label_column", label),)


def check_label(url: str, asked: CorpusFields, columns: Collection[str]) -> None:
    """Refuse a table whose labels would be ignored, which would make a match of every row.

    Parameters
    ----------
    url
        Place of the table, for the message.
    asked
        Section ``corpus`` of the spec.
    columns
        Columns of the table.

    Raises
    ------
    InputError
        If a column is named that the table does not have, or none is named and a column looks like labels.
    """
    named = asked.label_column
    if not named or named in columns:
        return
    if named != type(asked).model_fields["label_column"].default:
        raise no_column(f"{url}: corpus.label_column", named, columns)
    likely = likely_label(columns)
    if likely is not None:
        raise InputError(
            f"{no_column(url, named, columns)} Without labels every row would be a match: set"
            f" corpus.label_column to {likely!r}, or to '' if that is meant."
        )
