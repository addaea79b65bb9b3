"""Corpora: where images and captions come from; one reader a file."""

from collections.abc import Callable, Mapping

from tasks.corpora.corpus import Corpus
from tasks.corpora.karpathy import read_karpathy
from tasks.parameters import CorpusParameters

__all__ = ["FORMATS", "open_corpus"]

FORMATS: Mapping[str, Callable[[CorpusParameters], Corpus]] = {
    "karpathy": lambda asked: read_karpathy(asked.annotations, asked.images, asked.split, asked.limit),
}
"""Readers by the name of their format in the spec."""


def open_corpus(parameters: CorpusParameters) -> Corpus:
    """List a corpus; no image is opened.

    Raises
    ------
    InputError
        If the annotations are absent or broken, or hold no image-caption pair of the split.
    StorageError
        If the transport fails.
    """
    return FORMATS[parameters.format](parameters)
