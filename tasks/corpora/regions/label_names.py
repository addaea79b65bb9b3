"""Names of the labels of given label maps: a table of all images, or the named spans of captions."""

import re
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from ilime_core.errors import InputError
from ilime_core.segmentation.word_boundaries import word_spans
from tasks.corpora.reading.annotation_file import AnnotationFile
from tasks.corpora.regions.named_spans import read_spans

__all__ = ["LabelNames", "open_label_names"]

_MAX_BYTES = 2**24
_LABEL = re.compile(r"[0-9]{1,10}")
_READING = threading.Lock()


@dataclass(frozen=True, slots=True, eq=False)
class LabelNames:
    """Names by label, of one image or of all."""

    file: AnnotationFile
    common: Mapping[int, str]
    """Of all images."""
    by_image: Mapping[str, Mapping[int, str]]
    """By the name of the image."""

    def of(self, uri: str) -> Mapping[int, str]:
        """Names by label of one image; labels without a name are absent."""
        return self.by_image.get(uri, self.common)


def open_label_names(url: str) -> LabelNames:
    """Read ``segmentation.image.label_names``, once in a process however many threads ask.

    Parameters
    ----------
    url
        A JSON file of named spans, like ``regions.json``, or a table of lines of a label, a tabulator and its
        name.

    Returns
    -------
    LabelNames
        Of a span its last word, the head of an English noun phrase, is the name; where the captions of an
        image differ, the most frequent one, of equally frequent ones the first in the alphabet.

    Raises
    ------
    InputError
        If the file cannot be used: the message names the place in it, what was got and what is needed.
    StorageError
        If the transport fails.
    """
    with _READING:
        return _open(url)


@lru_cache(maxsize=1)
def _open(url: str) -> LabelNames:
    file = AnnotationFile.find(url)
    return LabelNames(file, {}, _spans(url)) if url.endswith(".json") else LabelNames(file, _table(url), {})


def _spans(url: str) -> dict[str, dict[int, str]]:
    heads: dict[str, dict[int, Counter[str]]] = {}
    for caption in read_spans(url):
        for span in caption.spans:
            words = word_spans(span.text)
            if span.label is not None and words:
                head = span.text[slice(*words[-1])]
                heads.setdefault(caption.filename, {}).setdefault(span.label, Counter())[head] += 1
    if not heads:
        raise InputError(f"{url}: no span has a 'label', the number of its pixels in the label map")
    return {
        image: {label: min(found, key=lambda head: (-found[head], head)) for label, found in labels.items()}
        for image, labels in heads.items()
    }


def _table(url: str) -> dict[int, str]:
    file = AnnotationFile.find(url, _MAX_BYTES)
    names: dict[int, str] = {}
    with file.text() as text:
        for number, line in enumerate(text.read().splitlines(), start=1):
            if not line.strip() or line.startswith("#"):
                continue
            label, _, name = (cell.strip() for cell in line.partition("\t"))
            if not (_LABEL.fullmatch(label) and name and name.isprintable()):
                raise InputError(
                    f"{file.url}, line {number}: got {line[:60]!r}; needed are a label of the maps, a"
                    " tabulator and its name"
                )
            if names.setdefault(int(label), name) != name:
                raise InputError(
                    f"{file.url}, line {number}: label {label} has another name in an earlier line"
                )
    if not names:
        raise InputError(f"{file.url}: names no label; needed are lines of a label, a tabulator and its name")
    return names
