"""Corpus format: its readers, the fields of the spec that it reads, and how it is recognised."""

from collections.abc import Callable
from dataclasses import dataclass

from ilime_core.modality import Modality
from tasks.corpora.clues import Clue, Guess
from tasks.corpora.corpus import Corpus, ImageFiles
from tasks.corpora.fields import CorpusFields

__all__ = ["COMMON_FIELDS", "CorpusFormat"]

COMMON_FIELDS = ("format", "split", "limit")
"""Fields of the spec that every format reads."""


@dataclass(frozen=True, slots=True)
class CorpusFormat:
    """One layout of files, with all that is known of it: the registry adds its name alone."""

    what: str
    """One line for people."""
    list: Callable[[CorpusFields], Corpus]
    """Lists a corpus; no image is opened."""
    open: Callable[[CorpusFields], ImageFiles]
    """Opens the images for reading; nothing is listed."""
    needs: tuple[str, ...]
    """Fields of the spec that may not be empty."""
    guess: Callable[[Clue], Guess | None]
    """Recognises the layout by what lies there; None if this is another one."""
    reads: tuple[str, ...] = ()
    """Further fields that are read, beside `COMMON_FIELDS`."""
    split: str = "test"
    """Default of the field ``split``: ``all`` where the layout has no splits, or seldom any."""
    sides: tuple[Modality, Modality] = (Modality.IMAGE, Modality.TEXT)
    """Modalities of the left and the right side."""

    @property
    def fields(self) -> frozenset[str]:
        """Every field of the spec that is read."""
        return frozenset((*COMMON_FIELDS, *self.needs, *self.reads))
