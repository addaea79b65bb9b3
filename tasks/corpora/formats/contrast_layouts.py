"""Questions of the public benchmarks of edited captions: SugarCrepe, ARO, Winoground and NegBench."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from ilime_core.errors import InputError
from tasks.corpora.reading.annotation_file import AnnotationFile
from tasks.corpora.reading.annotation_rows import Row, csv_rows, no_column
from tasks.corpora.reading.json_document import Node, json_lines, read_document
from tasks.corpora.rejections import Rejections

__all__ = ["ARO", "NEGBENCH", "SUGAR_CREPE", "WINOGROUND", "ContrastQuestion", "read_questions"]

SUGAR_CREPE, ARO, WINOGROUND, NEGBENCH = "sugar_crepe", "aro", "winoground", "negbench"

_CAPTION, _FILE = "a caption as text", "the image's file name"
_ANSWER = "the number of the right caption, from 0"
_LISTS = "a list of objects with true_caption and false_caption (ARO), or caption_0 and image_0 (Winoground)"


@dataclass(frozen=True, slots=True)
class ContrastQuestion:
    """Images and captions of which it is known who belongs to whom."""

    name: str
    """Unique in its file."""
    images: tuple[str, ...]
    """File names."""
    captions: tuple[str, ...]
    """Caption k belongs to image k; those after the images belong to none."""
    category: str
    layout: str
    entry: Node
    """Object or row that it was read from."""


def read_questions(file: AnnotationFile, rejections: Rejections) -> Iterator[ContrastQuestion]:
    """Read the questions that can be used, in whichever layout; the others are rejected.

    Parameters
    ----------
    file
        JSON, JSONL or CSV.
    rejections
        Receives what cannot be used.

    Yields
    ------
    Iterator[ContrastQuestion]
        Usable questions in the file's order.

    Raises
    ------
    InputError
        If the file is of another kind, or a CSV without the columns of NegBench.
    StorageError
        If the transport fails.
    """
    suffix = PurePosixPath(file.name).suffix.lower()
    if suffix == ".csv":
        return _of_rows(file, rejections)
    if suffix == ".jsonl":
        return _of_nodes(json_lines(file, rejections), rejections)
    if suffix == ".json":
        document = read_document(file.url, None)
        if isinstance(document.value, dict):
            return _of_members(document, PurePosixPath(file.name).stem, rejections)
        return _of_nodes(document.items(_LISTS), rejections)
    raise InputError(f"{file.url}: needed is a file ending in .json, .jsonl or .csv")


def _of_members(document: Node, category: str, rejections: Rejections) -> Iterator[ContrastQuestion]:
    """SugarCrepe: an object of questions by their id, in a file that has the name of their category."""
    assert isinstance(document.value, dict)
    for name in document.value:
        with rejections.guard():
            node = document.field(name, "an object with filename, caption and negative_caption")
            captions = tuple(_text(node, one, _CAPTION) for one in ("caption", "negative_caption"))
            image = _text(node, "filename", _FILE)
            yield ContrastQuestion(name, (image,), captions, category, SUGAR_CREPE, node)


def _of_nodes(nodes: Iterator[Node], rejections: Rejections) -> Iterator[ContrastQuestion]:
    for number, node in enumerate(nodes):
        with rejections.guard():
            if not isinstance(node.value, dict):
                raise node.wrong("an object")
            yield _of_aro(node, number) if "true_caption" in node.value else _of_winoground(node, number)


def _of_aro(node: Node, number: int) -> ContrastQuestion:
    """ARO: the category is the relation, or the two attributes that the wrong caption exchanges."""
    captions = tuple(_text(node, one, _CAPTION) for one in ("true_caption", "false_caption"))
    relation, attributes = node.optional("relation_name"), node.optional("attributes")
    category = "all"
    if relation is not None:
        category = relation.text("the name of a relation")
    elif attributes is not None:
        category = "_".join(one.text("an attribute") for one in attributes.items("the list of attributes"))
    return ContrastQuestion(str(number), (_text(node, "image_path", _FILE),), captions, category, ARO, node)


def _of_winoground(node: Node, number: int) -> ContrastQuestion:
    """Winoground: two captions of two images, whose files are PNG where no other ending is given."""
    images = tuple(_with_ending(_text(node, one, _FILE)) for one in ("image_0", "image_1"))
    captions = tuple(_text(node, one, _CAPTION) for one in ("caption_0", "caption_1"))
    tag = node.optional("collapsed_tag") or node.optional("tag")
    own = node.optional("id")
    return ContrastQuestion(
        str(number) if own is None else own.identifier(),
        images,
        captions,
        "all" if tag is None else tag.text("a tag"),
        WINOGROUND,
        node,
    )


def _of_rows(file: AnnotationFile, rejections: Rejections) -> Iterator[ContrastQuestion]:
    """NegBench: several captions of an image, one of them right; empty fields are no captions."""
    for number, row in enumerate(csv_rows(file, rejections)):
        columns = [name for name in row.values if _number_of(name) is not None]
        for column in ("image_path", "correct_answer"):
            row.check(column)
        if len(columns) < 2:
            raise no_column(row.place, "caption_1", row.values)
        with rejections.guard():
            yield _of_row(row, number, sorted(columns, key=lambda name: _number_of(name) or 0))


def _of_row(row: Row, number: int, columns: list[str]) -> ContrastQuestion:
    answer = row.text("correct_answer")
    right = f"caption_{answer.removesuffix('.0')}"  # a column with a gap is written with decimals
    if right not in columns:
        raise InputError(
            f"{row.place}, correct_answer: got {answer[:40]!r}; needed is {_ANSWER} to {len(columns) - 1}"
        )
    wrong = [row.text(name) for name in columns if name != right and row.values[name]]
    if not wrong:
        raise InputError(f"{row.place}: has no caption beside the right one; needed are two or more")
    kind = row.values.get("correct_answer_template")
    return ContrastQuestion(
        str(number),
        (row.text("image_path"),),
        (row.text(right), *wrong),
        row.text("correct_answer_template") if kind else "all",
        NEGBENCH,
        Node(row.values, row.place),
    )


def _number_of(column: str) -> int | None:
    digits = column.removeprefix("caption_")
    return int(digits) if digits != column and digits.isdecimal() and len(digits) <= 3 else None


def _text(node: Node, name: str, needed: str) -> str:
    return node.field(name, needed).text(needed)


def _with_ending(name: str) -> str:
    return name if PurePosixPath(name).suffix else f"{name}.png"
