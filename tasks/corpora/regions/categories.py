"""Names of the categories of MS COCO's objects, in instances and panoptic files."""

from tasks.corpora.reading.json_document import Node

__all__ = ["category_names"]


def category_names(document: Node) -> dict[str, str]:
    """Names by category id; empty where the file has no categories.

    Raises
    ------
    InputError
        If a category has no id or no name.
    """
    listed = document.optional("categories")
    return {
        one.field("id", "the category's id").identifier(): one.field("name", "its name").text("its name")
        for one in (listed.items("the list of categories") if listed else ())
    }
