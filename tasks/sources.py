"""Images of a run, read and decoded ahead of the device."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from typing import TypeVar

from ilime_core.errors import FailureReason, ItemError
from tasks.corpora import open_corpus
from tasks.corpora.corpus import Corpus, ImageEntry
from tasks.images import OpenedImage, open_image
from tasks.parameters import CorpusParameters

__all__ = ["ahead", "corpus_of", "read_image"]

T = TypeVar("T")
R = TypeVar("R")

DECODERS = 2
"""Threads that decode while the device works."""


@lru_cache(maxsize=4)
def corpus_of(parameters: CorpusParameters) -> Corpus:
    """Open a corpus once per process."""
    return open_corpus(parameters)


def read_image(corpus: Corpus, uri: str, external_id: str) -> tuple[bytes, OpenedImage]:
    """Bytes and upright picture of one image.

    Raises
    ------
    ItemError
        If it is absent or cannot be decoded.
    """
    try:
        data = corpus.read_image(ImageEntry(uri=uri, external_id=external_id))
    except FileNotFoundError as error:
        raise ItemError(FailureReason.ABSENT, f"{uri}: no such file below {corpus.images_root}") from error
    return data, open_image(data)


def ahead(
    work: Callable[[T], R], values: Sequence[T] | Iterable[T], window: int = 8
) -> Iterator[R | ItemError]:
    """Map in threads, in order, at most ``window`` results waiting; an unusable item comes as its error."""
    with ThreadPoolExecutor(DECODERS, thread_name_prefix="decode") as pool:
        waiting: deque[Future[R]] = deque()
        iterator = iter(values)
        for value in iterator:
            waiting.append(pool.submit(work, value))
            if len(waiting) >= window:
                yield _settle(waiting.popleft())
        while waiting:
            yield _settle(waiting.popleft())


def _settle(future: "Future[R]") -> R | ItemError:
    try:
        return future.result()
    except ItemError as error:
        return error
