"""Corpus format: its readers, the fields of the spec that it reads, and how it is recognised."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ilime_core.modality import Modality
from ilime_core.registry import Entry
from tasks.corpora.clues import Clue, Guess
from tasks.corpora.corpus import Corpus, ImageFiles
from tasks.corpora.fields import CorpusFields

__all__ = ["ANNOTATIONS", "COMMON_FIELDS", "IMAGES", "CorpusFormat"]

COMMON_FIELDS = ("format", "split", "limit", "tags")
"""Fields of the spec that every format reads."""


ANNOTATIONS: Mapping[str, str] = {"annotations": "the URL of a file"}
IMAGES: Mapping[str, str] = {"images": "the URL of a folder or of files"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusFormat(Entry[Callable[[CorpusFields], Corpus]]):
    """One layout of files: ``make`` lists a corpus without opening an image.

    ``settings`` are fields that are read beside `COMMON_FIELDS` and the required ones.
    """

    open: Callable[[CorpusFields], ImageFiles]
    """Opens the images for reading; nothing is listed."""
    guess: Callable[[Clue], Guess | None]
    """Recognises the layout by what lies there; None if this is another one."""
    split: str = "test"
    """Default of the field ``split``: ``all`` where the layout has no splits, or seldom any."""
    sides: tuple[Modality, Modality] = (Modality.IMAGE, Modality.TEXT)
    """Modalities of the left and the right side."""

    @property
    def fields(self) -> frozenset[str]:
        """Every field of the spec that is read."""
        edits = ("edits",) if self.sides == (Modality.IMAGE, Modality.TEXT) else ()
        return frozenset((*COMMON_FIELDS, *edits, *self.required, *self.settings))
