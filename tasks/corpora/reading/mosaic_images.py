"""Mosaics that are made when they are read: four images of a folder in one picture."""

import hashlib
import io
import json
from collections.abc import Sequence

from PIL import Image

from ilime_core.errors import FailureReason, ItemError
from ilime_core.pictures.decoding import open_image
from tasks.corpora.corpus import ImageEntry
from tasks.corpora.reading.stored_images import StoredImages
from tasks.storage.storage import Storage

__all__ = ["SIDE", "MosaicImages", "mosaic_entry"]

SIDE = 224
"""Of each image in a mosaic, in pixels."""

_CORNERS = ((0, 0), (SIDE, 0), (0, SIDE), (SIDE, SIDE))
_RECIPE = "bilinear-224-png"
"""Part of every fingerprint: another recipe makes other pictures of the same files."""


def mosaic_entry(name: str, keys: Sequence[str]) -> ImageEntry:
    """Entry of a mosaic; its member lists the four files, row by row.

    Parameters
    ----------
    name
        Of the mosaic, as a file.
    keys
        Files of the images' folder: upper left, upper right, lower left, lower right.

    Returns
    -------
    ImageEntry
        For `MosaicImages`.
    """
    return ImageEntry(name, name.rpartition(".")[0], member=json.dumps(list(keys)))


class MosaicImages:
    """`tasks.corpora.corpus.ImageFiles` whose images are made of four files each.

    Parameters
    ----------
    storage
        Root of the files.
    """

    def __init__(self, storage: Storage) -> None:
        self._files = StoredImages(storage)

    @property
    def root(self) -> str:
        """URL or path of the folder of the files."""
        return self._files.root

    def read(self, entry: ImageEntry) -> bytes:
        """A mosaic as a PNG file; errors as in `tasks.corpora.corpus.ImageFiles`."""
        mosaic = Image.new("RGB", (2 * SIDE, 2 * SIDE))
        for part, corner in zip(_parts(entry), _CORNERS, strict=True):
            picture = open_image(self._files.read(part)).image
            mosaic.paste(picture.resize((SIDE, SIDE), Image.Resampling.BILINEAR), corner)
        stream = io.BytesIO()
        mosaic.save(stream, format="PNG")
        return stream.getvalue()

    def read_known(self, entry: ImageEntry) -> tuple[bytes, None]:
        """A mosaic; its fingerprint is not known without further requests."""
        return self.read(entry), None

    def fingerprints(self, entries: Sequence[ImageEntry]) -> list[str | None]:
        """Digests of the recipe and of the four files' fingerprints; each file is asked for once."""
        parts = [_parts(entry) for entry in entries]
        distinct = list(dict.fromkeys(part for four in parts for part in four))
        known = dict(zip(distinct, self._files.fingerprints(distinct), strict=True))
        return [_combined([known[part] for part in four]) for four in parts]


def _parts(entry: ImageEntry) -> list[ImageEntry]:
    try:
        keys = json.loads(entry.member or "")
    except ValueError:
        keys = None
    names = [key for key in keys if isinstance(key, str)] if isinstance(keys, list) else []
    if len(names) != len(_CORNERS):
        message = f"{entry.uri}: got {entry.member!r}; a mosaic needs the names of {len(_CORNERS)} files"
        raise ItemError(FailureReason.MALFORMED, message)
    return [ImageEntry(key, key) for key in names]


def _combined(fingerprints: Sequence[str | None]) -> str | None:
    """None where a file is absent; as a member of larger files, it is checked after a block was read."""
    known = [one for one in fingerprints if one is not None]
    if len(known) < len(fingerprints):
        return None
    digest = hashlib.sha256("\n".join((_RECIPE, *known)).encode())
    return f"member:{digest.hexdigest()}"
