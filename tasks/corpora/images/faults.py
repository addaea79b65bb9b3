"""Unusable annotations of single images: each fails its image and no other."""

import warnings
from collections.abc import Generator
from contextlib import contextmanager

from ilime_core.errors import IlimeWarning, InputError, ItemError
from tasks.corpora.reading.json_document import Node

__all__ = ["ImageFaults"]


class ImageFaults:
    """Faults by image id, as a file of annotations is read.

    Parameters
    ----------
    url
        The file.
    broken
        Gets the first fault of each image.
    """

    def __init__(self, url: str, broken: dict[str, str]) -> None:
        self._url = url
        self._broken = broken
        self._of_none: list[str] = []

    @contextmanager
    def of(self, node: Node, name: str) -> Generator[None]:
        """Keep what is wrong with a node as a fault of the image whose id its member ``name`` is.

        Parameters
        ----------
        node
            Annotation that is read inside the block.
        name
            Member that holds the id of the image; without it the fault is kept as one of no image.

        Yields
        ------
        Generator[None]
            Context in which `InputError` and `ItemError` are kept instead of raised.
        """
        try:
            yield
        except (InputError, ItemError) as error:
            try:
                self._broken.setdefault(node.field(name, "the id of an image").identifier(), str(error))
            except (InputError, ItemError):
                self._of_none.append(str(error))

    def warn(self) -> None:
        """Warn that annotations were ignored because they belong to no image."""
        if self._of_none:
            warnings.warn(
                f"{self._url}: {len(self._of_none):,} annotations tell no image that they are of and are"
                f" passed over, the first: {self._of_none[0]}",
                IlimeWarning,
                stacklevel=2,
            )
