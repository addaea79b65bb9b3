"""Tags of a corpus: named columns of its annotations, passed through to its items as short strings."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from ilime_core.errors import InputError
from tasks.corpora.corpus import Tags
from tasks.corpora.reading.annotation_file import DOCUMENT_BYTES
from tasks.corpora.reading.annotation_rows import no_column
from tasks.corpora.reading.json_document import Node, read_document

__all__ = ["LONGEST_TAG", "TagColumns", "in_folder", "tag_value", "with_derived"]

LONGEST_TAG = 100
"""Characters of a value; a longer one is cut."""

_LISTED = 50
"""Columns that the refusal of an unknown one lists at most."""


class TagColumns:
    """The columns of ``corpus.tags``, read from every entry.

    Parameters
    ----------
    names
        Columns that are read.
    place
        The annotations, for the message.
    """

    def __init__(self, names: Sequence[str], place: str) -> None:
        self._names = tuple(names)
        self._place = place
        self._missing = set(names)
        self._columns: dict[str, None] = {}

    def read(self, entry: Node, names: Collection[str] | None = None) -> Tags:
        """Tags of one entry.

        Parameters
        ----------
        entry
            Object, or row of a table; anything else has no tags.
        names
            Columns to take from it; None takes all that were asked for.

        Returns
        -------
        Tags
            Without the columns that are absent or have no value.

        Raises
        ------
        InputError
            If the object has one of these members twice.
        """
        if not self._names or not isinstance(entry.value, dict):
            return ()
        columns: Mapping[str, object] = entry.value
        self._missing.difference_update(columns)
        if self._missing and len(self._columns) < _LISTED:
            self._columns.update(dict.fromkeys(columns))
        found: list[tuple[str, str]] = []
        for name in self._names if names is None else names:
            node = entry.optional(name)
            value = tag_value(None if node is None else node.value)
            found += [(name, value)] if value else []
        return tuple(found)

    def check(self, columns: Iterable[str] = ()) -> None:
        """Refuse a column that no entry has, even without a value.

        Parameters
        ----------
        columns
            Further columns that the annotations have, for the message.

        Raises
        ------
        InputError
            One line with the columns there are, and the one that was perhaps meant.
        """
        missing = next((name for name in self._names if name in self._missing), None)
        if missing is None:
            return
        known = [name for name in dict.fromkeys((*self._columns, *columns)) if name not in self._missing]
        place = f"{self._place} (corpus.tags)"
        if not known:
            raise InputError(f"{place}: there is no column {missing!r}; this layout has no named columns")
        raise no_column(place, missing, known[:_LISTED])

    def check_document(self, url: str, max_bytes: int = DOCUMENT_BYTES) -> None:
        """Refuse as `check` does; of a document that was read in part, the first image says what there is.

        Parameters
        ----------
        url
            JSON document with a list ``images``.
        max_bytes
            Largest document that is read.
        """
        if self._missing:
            images = read_document(url, None, max_bytes).optional("images")
            first = next(images.items("the list of images"), None) if images else None
            self.check(first.value if first is not None and isinstance(first.value, dict) else ())


def with_derived(entry: Node, **derived: str) -> Node:
    """An entry with columns that its layout gives it; the entry's own one of such a name goes before.

    Parameters
    ----------
    entry
        Object or row.
    derived
        Values by column.

    Returns
    -------
    Node
        Object of all columns.
    """
    own = entry.value if isinstance(entry.value, dict) else {}
    return Node(derived | own, entry.place)


def in_folder(entry: Node, key: str) -> Node:
    """An entry with column ``folder``, the name of its image's own folder; empty in the images' root.

    Parameters
    ----------
    entry
        Row of the image, or the JSON object beside it.
    key
        File of the image below the root.

    Returns
    -------
    Node
        Object of all columns.
    """
    return with_derived(entry, folder=key.rpartition("/")[0].rpartition("/")[2])


def tag_value(value: object) -> str:
    """A value as a tag: one line of at most `LONGEST_TAG` characters; empty where there is none.

    Text stays as it is, but runs of space and line ends become single blanks, and what is not printable or
    no UTF-8 is replaced. True and false are ``true`` and ``false``; whole numbers have no decimals (2.0 is
    ``2``), others as many as they need; elements of a list are joined by ``, ``, those without a value left
    out. NULL, NaN, blank text and an object are no value. What is too long is cut and ends in an ellipsis.

    Parameters
    ----------
    value
        As the annotations have it.

    Returns
    -------
    str
        The tag's value.
    """
    text = _text(value)[: 20 * LONGEST_TAG]  # of a long text no more than can matter is looked at
    text = text.encode("utf-8", "replace").decode()
    line = "".join(one if one.isprintable() or one.isspace() else "\N{REPLACEMENT CHARACTER}" for one in text)
    line = " ".join(line.split())
    return line if len(line) <= LONGEST_TAG else f"{line[: LONGEST_TAG - 1]}\N{HORIZONTAL ELLIPSIS}"


def _text(value: object) -> str:
    if value is None or isinstance(value, dict) or value != value:  # noqa: PLR0124 - NaN
        return ""
    if isinstance(value, list):
        return ", ".join(text for text in map(tag_value, value) if text)
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
