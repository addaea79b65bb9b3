"""Boxes and category names of the objects in MS COCO's instances files."""

from collections import defaultdict

from ilime_core.errors import InputError
from tasks.corpora.corpus import ObjectBox
from tasks.corpora.reading.json_document import Node, read_document
from tasks.corpora.reading.object_boxes import MOST_OBJECTS
from tasks.corpora.reading.tags import tag_value

__all__ = ["read_coco_objects"]

_FIELDS = ("annotations", "categories", "id", "name", "image_id", "category_id", "bbox")
_FARTHEST = 1e9
_BOX = "[x, y, width, height] in pixels"


def read_coco_objects(url: str) -> dict[str, tuple[ObjectBox, ...]]:
    """Read the objects of every image of a file like ``instances_val2017.json``.

    Parameters
    ----------
    url
        URL or path of the JSON file; outlines of objects are not read.

    Returns
    -------
    dict of str to tuple of ObjectBox
        By the id of the image, in the order of the file.

    Raises
    ------
    InputError
        If the file cannot be used: the message names the place in it, what was got and what is needed.
    StorageError
        If the transport fails.
    """
    document = read_document(url, set(_FIELDS))
    names = {
        category.field("id", "the category's id").identifier(): tag_value(
            category.field("name", "the category's name").text("the category's name")
        )
        for category in document.field("categories", "the list of categories").items("a list")
    }
    found: defaultdict[str, list[ObjectBox]] = defaultdict(list)
    for one in document.field("annotations", "the list of objects").items("a list"):
        image = one.field("image_id", "the id of its image").identifier()
        kind = one.field("category_id", "the id of its category")
        if kind.identifier() not in names:
            raise kind.wrong("the id of one of 'categories'")
        found[image].append(_box(one.field("bbox", _BOX), names[kind.identifier()]))
        if len(found[image]) > MOST_OBJECTS:
            raise InputError(f"{one.place}: image {image} has more than {MOST_OBJECTS:,} objects")
    return {image: tuple(boxes) for image, boxes in found.items()}


def _box(box: Node, name: str) -> ObjectBox:
    sides = [float(one) if isinstance(one := side.value, int | float) else -1.0 for side in box.items(_BOX)]
    if len(sides) != 4 or not all(0 <= one < _FARTHEST for one in sides):
        raise box.wrong(_BOX)
    x, y, width, height = sides
    return ObjectBox(x, y, width, height, name)
