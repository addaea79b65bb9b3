"""Corpus as readers return it: entries of two sides, which of them match, and the bytes of an image."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from tasks.corpora.contrasts import Contrast
from tasks.corpora.rejections import Rejection

__all__ = [
    "Corpus",
    "Entry",
    "ImageEntry",
    "ImageFiles",
    "ObjectBox",
    "Tags",
    "TextEntry",
    "image_text_corpus",
    "merged_tags",
]


Tags = tuple[tuple[str, str], ...]
"""Names and values of ``corpus.tags``, in their order; a name without a value is left out."""


@dataclass(frozen=True, slots=True)
class ObjectBox:
    """An object of an image: its box in pixels of the upright original, and its name."""

    x: float
    """Left edge."""
    y: float
    """Top edge."""
    width: float
    height: float
    name: str


@dataclass(frozen=True, slots=True)
class ImageEntry:
    """One image of a corpus, and where its bytes are."""

    uri: str
    """Key of a file relative to the root of `ImageFiles`."""
    external_id: str
    """The corpus's own id, unique among its images."""
    member: str | None = None
    """Name of the image inside the file (tar), its row (Parquet), or the files that a mosaic is made of."""
    offset: int | None = None
    """First byte of the image inside the file, where it lies there as it is (tar)."""
    size: int | None = None
    """Bytes of the image, where ``offset`` is known."""
    tags: Tags = ()
    objects: tuple[ObjectBox, ...] = ()
    """Those of ``corpus.object_column`` or ``corpus.instances``, in their order."""

    @property
    def title(self) -> str:
        """Title for people: a file's name without folders, or a table's row."""
        name = self.uri.rpartition("/")[2]
        if self.member is None:
            return name
        if self.offset is not None:
            return self.member.rpartition("/")[2]
        return f"{name} row {self.member}" if self.member.isdecimal() else name


@dataclass(frozen=True, slots=True)
class TextEntry:
    """One caption of a corpus. An empty one is kept: it fails by itself later and not the corpus."""

    text: str
    """The caption as given, not stripped."""
    uri: str
    """Name of its file."""
    member: str
    """Place of the caption in that file, like its number from 0, all splits counted."""
    external_id: str
    """The corpus's own id, unique among its captions."""
    image_index: int | None = None
    """The image that it was written for, as a row of ``Corpus.left``; None where texts answer texts."""
    tags: Tags = ()


Entry = ImageEntry | TextEntry


class ImageFiles(Protocol):
    """Bytes of the images of a corpus. Opened without listing anything; safe to share between threads."""

    @property
    def root(self) -> str:
        """URL or path of the root; uris are relative to it."""
        ...

    def read(self, entry: ImageEntry) -> bytes:
        """Bytes of an image.

        Raises
        ------
        FileNotFoundError
            If there is no such file or no such member.
        ItemError
            If the image is over the size limit.
        InputError
            If the uri leads out of the root.
        StorageError
            If the transport fails.
        """
        ...

    def read_known(self, entry: ImageEntry) -> tuple[bytes, str | None]:
        """Bytes of an image and its fingerprint at that time; None where to know it takes another request.

        Errors as in `read`.
        """
        ...

    def fingerprints(self, entries: Sequence[ImageEntry]) -> list[str | None]:
        """Fingerprints of contents, without reading the images; None where there is no file.

        Equal fingerprints mean equal bytes; equal bytes may have several. Errors as in `read`.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Corpus:
    """A listed corpus."""

    left: Sequence[Entry]
    """What asks from the left: images, except where texts are compared with texts."""
    right: Sequence[Entry]
    """Captions, or the candidate images of visual search."""
    relevance: Sequence[tuple[int, int]]
    """Pairs (row of ``left``, row of ``right``) that match; at least one."""
    files: ImageFiles
    split: str
    format: str
    """Name of the reader."""
    rejected: Sequence[Rejection] = ()
    """Entries that cannot be used, in the order in which they were met."""
    contrasts: Sequence[Contrast] = ()
    """Pairs of candidates of which one is an edit of the other."""


def image_text_corpus(
    images: Sequence[ImageEntry],
    texts: Sequence[TextEntry],
    files: ImageFiles,
    split: str,
    format: str,  # noqa: A002 - the field's name
    *,
    rejected: Sequence[Rejection] = (),
    contrasts: Sequence[Contrast] = (),
) -> Corpus:
    """A corpus in which every text matches the image of its ``image_index``.

    Parameters
    ----------
    images
        Left side.
    texts
        Right side; a text without ``image_index`` matches no image.
    files
        Reads the images.
    split
        Split that was listed.
    format
        Name of the format in the registry.
    rejected
        Entries that cannot be used.
    contrasts
        Pairs of candidates of which one is an edit of the other.

    Returns
    -------
    Corpus
        Images left, texts right, and one matching pair a text with an image.
    """
    relevance = tuple(
        (text.image_index, row) for row, text in enumerate(texts) if text.image_index is not None
    )
    return Corpus(
        tuple(images), tuple(texts), relevance, files, split, format, tuple(rejected), tuple(contrasts)
    )


def merged_tags(found: Iterable[Tags]) -> Tags:
    """Tags of one content that is listed several times: of every name the value that comes first.

    Parameters
    ----------
    found
        Tags of every entry, in the order of the corpus.

    Returns
    -------
    Tags
        Each name once.
    """
    merged: dict[str, str] = {}
    for tags in found:
        for name, value in tags:
            merged.setdefault(name, value)
    return tuple(merged.items())
