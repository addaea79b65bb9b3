"""Truth from Flickr30k Entities: phrases of captions, and the boxes of what they name.

References
----------
.. [1] B. Plummer et al.: Flickr30k Entities: collecting region-to-phrase correspondences for richer
   image-to-sentence models, ICCV 2015, DOI 10.1109/ICCV.2015.303.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from xml.etree import ElementTree as ET

from ilime_core.errors import InputError
from tasks.corpora.regions.named_spans import PixelBox
from tasks.runs.items import Item
from tasks.storage.storage import MissingFileError, Storage, UnreadableFileError
from tasks.truth.fingerprints import combined, folder_lines
from tasks.truth.truth import TruePart

__all__ = ["EntityTruth", "read_entity_truth"]

MOST_BYTES = 2**20
"""Largest file of one image; the published ones take a few kilobytes."""

_PHRASE = re.compile(r"\[/EN#(\d+)[^\s\]]*\s([^\[\]]*)\]")
_CORNERS = ("xmin", "ymin", "xmax", "ymax")


@dataclass(frozen=True, slots=True)
class EntityTruth:
    """`tasks.truth.truth.Truth` of the folders ``Annotations`` and ``Sentences``.

    Files are found by the name of the image, captions by their letters and digits: the published sentences
    are cut into words, the captions of other distributions are not.
    """

    annotations: Storage
    sentences: Storage

    def fingerprint(self) -> str:
        """Of all files of both folders."""
        return combined(
            "flickr30k_entities",
            [
                line
                for folder, ending in ((self.annotations, ".xml"), (self.sentences, ".txt"))
                for line in folder_lines(folder, [one for one in folder.list() if one.key.endswith(ending)])
            ],
        )

    def parts(self, image: Item, text: Item) -> tuple[TruePart, ...]:
        """Phrases with boxes of the sentence that reads as the caption does.

        Parameters
        ----------
        image
            Left item of the pair.
        text
            Its caption; spans count code points of it.

        Returns
        -------
        tuple[TruePart, ...]
            One part a phrase, with its boxes; empty where the image has no files.
        """
        name = PurePosixPath(image.image.title).stem
        sentences = _read(self.sentences, f"{name}.txt")
        document = _read(self.annotations, f"{name}.xml")
        if sentences is None or document is None:
            return ()
        boxes = _boxes(document, f"{self.annotations.url}/{name}.xml")
        place = f"{self.sentences.url}/{name}.txt"
        for number, line in enumerate(sentences.splitlines(), start=1):
            phrases = _aligned(line, text.text or "", f"{place}, line {number}")
            if phrases is not None:
                return tuple(
                    TruePart(start, end, boxes[chain]) for start, end, chain in phrases if chain in boxes
                )
        return ()


def read_entity_truth(annotations: str, sentences: str) -> EntityTruth:
    """Open both folders.

    Parameters
    ----------
    annotations
        URL or path of the folder of XML files with boxes.
    sentences
        URL or path of the folder of text files with phrases.

    Returns
    -------
    EntityTruth
        Reader of both; the files of an image are read when its parts are.

    Raises
    ------
    InputError
        If one of them has no file of its kind.
    StorageError
        If the transport fails.
    """
    found = EntityTruth(Storage(annotations), Storage(sentences))
    for folder, ending in ((found.annotations, ".xml"), (found.sentences, ".txt")):
        if not any(one.key.endswith(ending) for one in folder.list()):
            raise InputError(
                f"{folder.url}: holds no file {ending}; needed is a folder of Flickr30k Entities"
            )
    return found


@lru_cache(maxsize=1024)  # a few kilobytes each; the captions of one image follow each other
def _read(folder: Storage, name: str) -> str | None:
    """A file's text; None if there is no such file."""
    try:
        size = folder.stat(name).size
        if size > MOST_BYTES:
            raise InputError(f"{folder.url}/{name}: {size:,} bytes; at most {MOST_BYTES:,} are read")
        return folder.read_bytes(name).decode("utf-8-sig")
    except UnreadableFileError as error:
        raise InputError(str(error)) from error
    except MissingFileError:
        return None
    except UnicodeDecodeError as error:
        raise InputError(f"{folder.url}/{name}: is not UTF-8 ({error.reason})") from error


def _boxes(document: str, place: str) -> Mapping[str, tuple[PixelBox, ...]]:
    """Boxes by chain id; scenes and what has no box are omitted."""
    if "<!DOCTYPE" in document or "<!ENTITY" in document:
        raise InputError(f"{place}: declares a document type; needed is plain XML without one")
    try:
        root = ET.fromstring(document)  # noqa: S314 - nothing is declared, so nothing can expand
    except (ET.ParseError, ValueError) as error:
        raise InputError(f"{place}: no valid XML ({error})") from error
    found: dict[str, list[PixelBox]] = {}
    for number, drawn in enumerate(root.iter("object"), start=1):
        corners = drawn.find("bndbox")
        if corners is not None:
            box = _box(corners, f"{place}, object {number}")
            for name in drawn.iter("name"):
                found.setdefault((name.text or "").strip(), []).append(box)
    return {chain: tuple(boxes) for chain, boxes in found.items()}


def _box(corners: ET.Element, place: str) -> PixelBox:
    """Corners count pixels from 1, the last one included."""
    texts = [(corners.findtext(name) or "").strip() for name in _CORNERS]
    try:
        left, top, right, bottom = map(int, texts)
    except ValueError as error:
        raise InputError(
            f"{place}: got {texts} as {', '.join(_CORNERS)}; needed are whole numbers"
        ) from error
    if not (right >= left and bottom >= top):
        raise InputError(f"{place}: got {texts} as {', '.join(_CORNERS)}; needed is a box with an area")
    return PixelBox(max(left - 1, 0), max(top - 1, 0), right - left + 1, bottom - top + 1)


def _aligned(line: str, caption: str, place: str) -> Sequence[tuple[int, int, str]] | None:
    """Phrases of a sentence as code points of a caption, with chain ids; None if it is another sentence."""
    plain, phrases = _plain(line, place)
    ours, theirs = _letters(caption), _letters(plain)
    if [letter for _, letter in ours] != [letter for _, letter in theirs]:
        return None
    place_of = {there: here for (here, _), (there, _) in zip(ours, theirs, strict=True)}
    found: list[tuple[int, int, str]] = []
    for start, end, chain in phrases:
        inside = [place_of[at] for at in range(start, end) if at in place_of]
        if inside:
            found.append((inside[0], inside[-1] + 1, chain))
    return found


def _plain(line: str, place: str) -> tuple[str, Sequence[tuple[int, int, str]]]:
    """A sentence without its marks, and its phrases as code points of that."""
    text, end = "", 0
    phrases: list[tuple[int, int, str]] = []
    for found in _PHRASE.finditer(line):
        text += line[end : found.start()]
        phrases.append((len(text), len(text) + len(found[2]), found[1]))
        text += found[2]
        end = found.end()
    text += line[end:]
    if "[/EN#" in text:
        raise InputError(f"{place}: got {line[:80]!r}; needed are phrases like [/EN#123/people A man]")
    return text, phrases


def _letters(text: str) -> Sequence[tuple[int, str]]:
    return list(_lettered(text))


def _lettered(text: str) -> Iterator[tuple[int, str]]:
    for place, letter in enumerate(text):
        if letter.isalnum():
            yield place, letter.casefold()
