"""Objects of an image in a column of its annotations: boxes with names, in one of two layouts."""

import math
from collections.abc import Iterator, Mapping, Sequence

from ilime_core.errors import InputError
from tasks.corpora.corpus import ObjectBox
from tasks.corpora.fields import CorpusFields
from tasks.corpora.reading.annotation_rows import no_column
from tasks.corpora.reading.json_document import Node, read_document
from tasks.corpora.reading.tags import tag_value

__all__ = ["MOST_OBJECTS", "OBJECT_BOXES", "OBJECT_NAMES", "ObjectColumn"]

MOST_OBJECTS = 1000
"""Objects of an image; an image with more of them is rejected."""

OBJECT_BOXES = ("bbox", "bboxes", "box", "boxes")
OBJECT_NAMES = ("label", "labels", "category", "categories", "name", "names")
"""Members that hold boxes and names; of each kind the first that is there."""

_FARTHEST = 1e9
_LAYOUTS = {"xywh": "[x, y, width, height] in pixels", "xyxy": "[x1, y1, x2, y2] in pixels"}
_NEEDED = "a list of objects with 'bbox' and 'label', or an object of two lists of these"


class ObjectColumn:
    """The column ``corpus.object_column``, read from every entry.

    Parameters
    ----------
    asked
        Section ``corpus`` of the spec.
    place
        The annotations, for the message.
    """

    def __init__(self, asked: CorpusFields, place: str) -> None:
        self.name = asked.object_column
        self._layout = asked.object_box
        self._place = place
        self._columns: Mapping[str, object] = {}
        self._is_there = False

    @property
    def members(self) -> tuple[str, ...]:
        """Members of a JSON document that have to be kept; none where no column is read."""
        return (self.name, *OBJECT_BOXES, *OBJECT_NAMES) if self.name else ()

    def read(self, entry: Node, class_names: Sequence[str] = ()) -> tuple[ObjectBox, ...]:
        """Objects of one entry.

        Parameters
        ----------
        entry
            Object, or row of a table.
        class_names
            Names of numbered classes, in their order; none where a number is no name.

        Returns
        -------
        tuple[ObjectBox, ...]
            In the order of the column, without those that have no name; none where the column is absent or
            null.

        Raises
        ------
        InputError
            If one cannot be used: the message names its place.
        """
        if not self.name or not isinstance(entry.value, dict):
            return ()
        self._columns = self._columns or entry.value
        self._is_there = self._is_there or self.name in entry.value
        found = entry.optional(self.name)
        if found is None:
            return ()
        boxes = [one for one in self._boxes(found, class_names) if one.name]
        if len(boxes) > MOST_OBJECTS:
            raise InputError(
                f"{found.place}: holds {len(boxes):,} objects; at most {MOST_OBJECTS:,} are read"
            )
        return tuple(boxes)

    def check(self) -> None:
        """Refuse a column that no entry has.

        Raises
        ------
        InputError
            One line with the columns there are, and the one that was perhaps meant.
        """
        if self.name and not self._is_there:
            raise no_column(f"{self._place} (corpus.object_column)", self.name, list(self._columns)[:50])

    def check_document(self, url: str, max_bytes: int) -> None:
        """Refuse as `check` does; of a document that was read in part, the first image says what there is.

        Parameters
        ----------
        url
            JSON document with a list ``images``.
        max_bytes
            Largest document that is read.
        """
        if self.name and not self._is_there:
            images = read_document(url, None, max_bytes).optional("images")
            first = next(images.items("the list of images"), None) if images else None
            self._columns = first.value if first is not None and isinstance(first.value, dict) else {}
        self.check()

    def _boxes(self, found: Node, class_names: Sequence[str]) -> Iterator[ObjectBox]:
        if isinstance(found.value, list):
            for one in found.items(_NEEDED):
                if not isinstance(one.value, dict):
                    raise one.wrong("an object with 'bbox' and 'label'")
                yield self._box(_first(one, OBJECT_BOXES), _name(_member(one, OBJECT_NAMES), class_names))
            return
        if not isinstance(found.value, dict):
            raise found.wrong(_NEEDED)
        boxes = list(_first(found, OBJECT_BOXES).items("a list of boxes"))
        names = list(_first(found, OBJECT_NAMES).items("a list of names"))
        if len(boxes) != len(names):
            raise InputError(
                f"{found.place}: got {len(boxes)} boxes and {len(names)} names; needed is a name each"
            )
        for box, name in zip(boxes, names, strict=True):
            yield self._box(box, _name(name, class_names))

    def _box(self, box: Node, name: str) -> ObjectBox:
        needed = _LAYOUTS[self._layout]
        numbers = [_number(side, needed) for side in box.items(needed)]
        if len(numbers) != 4:
            raise box.wrong(needed)
        x, y, width, height = numbers
        if self._layout == "xyxy":
            width, height = width - x, height - y
        if width < 0 or height < 0:
            raise InputError(f"{box.place}: got {numbers}; needed is {needed}, see corpus.object_box")
        return ObjectBox(x, y, width, height, name)


def _name(name: Node, class_names: Sequence[str]) -> str:
    value = name.value
    if class_names and isinstance(value, int) and not isinstance(value, bool):
        if not 0 <= value < len(class_names):
            raise name.wrong(f"the number of one of {len(class_names)} classes")
        value = class_names[value]
    if value is not None and not isinstance(value, str):
        raise name.wrong("the object's name as text")
    return tag_value(value)


def _number(side: Node, needed: str) -> float:
    value = side.value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise side.wrong(needed)
    if not (abs(value) <= _FARTHEST and math.isfinite(value)):
        raise side.wrong(f"{needed}, finite and of at most {_FARTHEST:.0f}")
    return float(value)


def _member(one: Node, names: Sequence[str]) -> Node:
    """The first of some members that is there, also if it is null."""
    for name in names:
        if isinstance(one.value, dict) and name in one.value:
            return one.optional(name) or Node(None, f"{one.place}.{name}")
    return Node(None, one.place)


def _first(one: Node, names: Sequence[str]) -> Node:
    found = _member(one, names)
    return one.field(names[0], _NEEDED) if found.value is None else found
