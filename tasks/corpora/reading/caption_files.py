"""Captions in files beside an image: one a line in a text file, or as the JSON file has them."""

from dataclasses import dataclass

from ilime_core.errors import FailureReason, InputError, ItemError
from tasks.corpora.reading.json_document import Node, read_line
from tasks.corpora.rejections import Rejections
from tasks.corpora.usable_text import check_text

__all__ = ["CAPTION_BYTES", "Beside", "Caption", "read_captions", "read_description"]

CAPTION_BYTES = 2**20
"""Largest caption or JSON file beside an image that is read."""


@dataclass(frozen=True, slots=True)
class Beside:
    """A file beside an image."""

    name: str
    place: str
    """The file in full, for messages."""
    data: bytes | None
    """Content; None where it is over `CAPTION_BYTES`."""
    size: int

    def text(self) -> str:
        """Content as text.

        Raises
        ------
        ItemError
            If it is too large, not UTF-8 or has a NUL.
        """
        if self.data is None:
            raise ItemError(
                FailureReason.TOO_LARGE,
                f"{self.place}: {self.size:,} bytes; beside an image at most {CAPTION_BYTES:,} are read",
            )
        try:
            text = self.data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            message = f"{self.place}: is not UTF-8 ({error.reason}); needed are captions"
            raise ItemError(FailureReason.UNDECODABLE, message) from error
        return check_text(text, self.place, "captions")


@dataclass(frozen=True, slots=True)
class Caption:
    """A caption and its place in a file beside an image."""

    text: str
    number: int | None
    """Its place among the captions of the file; None where the file has just this one."""
    in_json: bool = False


def read_description(described: Beside | None, text: Beside | None) -> Node | None:
    """JSON object beside an image; None where it is something else and a text file has the captions.

    Parameters
    ----------
    described
        JSON file beside the image; None where there is none.
    text
        Text file beside the image; None where there is none.

    Returns
    -------
    Node | None
        The object; its captions replace those of the text file.

    Raises
    ------
    InputError, ItemError
        If the file cannot be read.
    """
    if described is None or (described.data is None and text is not None):
        return None
    node = read_line(described.text(), described.place)
    if isinstance(node.value, dict):
        return node
    if text is None:
        raise node.wrong("an object")
    return None


def read_captions(node: Node | None, text: Beside | None, rejections: Rejections) -> list[Caption] | None:
    """Captions of the JSON file where it has any, else the lines of the text file that are not blank.

    A caption that has line ends itself is in the JSON file. A text file without a word is one empty
    caption, so that the item says so; an empty list in the JSON file is none, and the image distracts.

    Parameters
    ----------
    node
        What `read_description` gave.
    text
        The text file.
    rejections
        Takes single captions of a list that cannot be used.

    Returns
    -------
    list of Caption, or None
        None where no file has captions.

    Raises
    ------
    InputError, ItemError
        If the only caption, or the text file, cannot be used.
    """
    found = node.optional("caption") if node is not None else None
    if found is not None:
        return _of_json(found, rejections)
    if text is not None:
        lines = [line.rstrip("\r") for line in text.text().split("\n") if line.strip()] or [""]
        return [Caption(line, number if lines[1:] else None) for number, line in enumerate(lines)]
    if node is not None and isinstance(node.value, dict) and "caption" in node.value:
        raise InputError(f"{node.place}.caption: got null; needed is a caption or a list of captions")
    return None


def _of_json(found: Node, rejections: Rejections) -> list[Caption]:
    if not isinstance(found.value, list):
        return [Caption(found.text("a caption or a list of captions"), None, in_json=True)]
    captions: list[Caption] = []
    for number, one in enumerate(found.items("a list of captions")):
        with rejections.guard():
            captions.append(Caption(one.text("a caption"), number, in_json=True))
    return captions
