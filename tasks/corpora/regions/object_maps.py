"""Objects that annotators drew into the images of a corpus, as label maps."""

import threading
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import Protocol

import numpy as np
from jaxtyping import Int

from tasks.corpora.fields import CorpusFields
from tasks.corpora.regions.coco_instances import read_instances
from tasks.corpora.regions.coco_panoptic import read_panoptic

__all__ = ["ObjectMaps", "open_object_maps"]

_READING = threading.Lock()


class ObjectMaps(Protocol):
    """Label maps by the corpus's own image id. Safe to share between threads."""

    @property
    def url(self) -> str:
        """URL or path of the annotations."""
        ...

    @property
    def image_ids(self) -> AbstractSet[str]:
        """Images that have at least one object."""
        ...

    def label_map(self, image_id: str) -> Int[np.ndarray, "height width"]:
        """Objects of an image of ``image_ids``, numbered from 1 in its pixels as stored; 0 is background.

        Raises
        ------
        ItemError
            If what is said of this image cannot be used.
        StorageError
            If the transport fails.
        """
        ...

    def names(self, image_id: str) -> dict[int, str]:
        """Category names by label of the map; labels without one are absent."""
        ...

    def fingerprints(self, image_ids: Sequence[str]) -> dict[str, str | None]:
        """Fingerprints of the annotations and of the files beside them, by file name."""
        ...


def open_object_maps(corpus: CorpusFields) -> ObjectMaps:
    """Read ``corpus.regions``, once in a process however many threads ask.

    Raises
    ------
    InputError
        If the file cannot be used: the message names the place in it, what was got and what is needed.
    StorageError
        If the transport fails.
    """
    with _READING:
        return _open(corpus.regions, corpus.region_label_maps)


@lru_cache(maxsize=1)
def _open(regions: str, maps: str) -> ObjectMaps:
    return read_panoptic(regions, maps) if maps else read_instances(regions)
