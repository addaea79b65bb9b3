"""Reader of MS COCO's panoptic_*.json and its PNGs: every pixel is of one object, thing or stuff."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

from ilime_core.errors import FailureReason, InputError, ItemError
from ilime_core.pictures.decoding import open_image
from tasks.corpora.corpus import ImageEntry
from tasks.corpora.images.faults import ImageFaults
from tasks.corpora.reading.annotation_file import AnnotationFile
from tasks.corpora.reading.json_document import Node, read_document
from tasks.corpora.reading.listing import image_key
from tasks.corpora.reading.stored_images import StoredImages
from tasks.corpora.regions.categories import category_names
from tasks.storage.storage import Storage

__all__ = ["CocoPanoptic", "read_panoptic"]

_FIELDS = (
    "annotations", "image_id", "file_name", "segments_info", "id", "category_id", "categories", "name",
)  # fmt: skip
_VOID = 0


@dataclass(frozen=True, slots=True)
class _Picture:
    """JSON entry of one PNG."""

    key: str
    segments: tuple[int, ...]
    kinds: tuple[str, ...]
    """Category ids of the segments; empty text where none is given."""
    place: str


@dataclass(frozen=True, slots=True, eq=False)
class CocoPanoptic:
    """`tasks.corpora.regions.object_maps.ObjectMaps` of a panoptic file and its folder of PNGs."""

    file: AnnotationFile
    files: StoredImages
    pictures: dict[str, _Picture]
    broken: dict[str, str]
    """By image id: the first thing that is said of the image and cannot be used."""
    categories: Mapping[str, str]
    """Names by category id."""

    @property
    def url(self) -> str:
        """The JSON file."""
        return self.file.url

    @property
    def image_ids(self) -> AbstractSet[str]:
        """Images with segments, also such as cannot be read."""
        return self.pictures.keys() | self.broken.keys()

    def label_map(self, image_id: str) -> Int[np.ndarray, "height width"]:
        """Segments in the order of the JSON; pixels whose colour says 0 are background."""
        if image_id in self.broken:
            raise ItemError(FailureReason.MALFORMED, self.broken[image_id])
        picture = self.pictures[image_id]
        place = f"{self.files.root}/{picture.key}"
        try:
            data = self.files.read(ImageEntry(picture.key, image_id))
        except FileNotFoundError as error:
            raise ItemError(FailureReason.ABSENT, f"{place}: there is no such panoptic PNG") from error
        colours = np.asarray(open_image(data).image).astype(np.int64)
        values, inverse = np.unique(colours @ np.array([1, 2**8, 2**16]), return_inverse=True)
        number = {segment: label for label, segment in enumerate(picture.segments, start=1)} | {_VOID: 0}
        unknown = [value for value in values.tolist() if value not in number]
        if unknown:
            raise ItemError(
                FailureReason.UNDECODABLE,
                f"{place}: has segment {unknown[0]}, which is not in {picture.place}.segments_info",
            )
        labels = np.array([number[value] for value in values.tolist()], dtype=np.int32)
        return labels[inverse].reshape(colours.shape[:2])

    def names(self, image_id: str) -> dict[int, str]:
        """Category names of the segments of an image by label; segments without one are absent."""
        picture = self.pictures.get(image_id)
        found = (self.categories.get(kind, "") for kind in (picture.kinds if picture else ()))
        return {label: name for label, name in enumerate(found, start=1) if name}

    def fingerprints(self, image_ids: Sequence[str]) -> dict[str, str | None]:
        """Of the JSON, then of the PNG of every image asked for that has one."""
        asked = [self.pictures[image_id].key for image_id in image_ids if image_id in self.pictures]
        pictures = self.files.fingerprints([ImageEntry(key, key) for key in asked])
        own = {self.file.name: self.file.storage.fingerprint(self.file.name)}
        return own | dict(zip(asked, pictures, strict=True))


def read_panoptic(url: str, label_maps: str) -> CocoPanoptic:
    """Read a panoptic file; PNGs are read when they are asked for.

    Parameters
    ----------
    url
        The JSON file.
    label_maps
        URL of the folder of PNGs; a pixel's segment is R + 256 G + 65536 B.

    Returns
    -------
    CocoPanoptic
        Segments by image; what is broken fails its image only.

    Raises
    ------
    InputError
        If the file cannot be used: the message names the place in it, what was got and what is needed.
    StorageError
        If the transport fails.

    References
    ----------
    .. [1] A. Kirillov et al. Panoptic segmentation. CVPR 2019. DOI 10.1109/CVPR.2019.00963
    """
    document = read_document(url, _FIELDS)
    categories = category_names(document)
    found = CocoPanoptic(AnnotationFile.find(url), StoredImages(Storage(label_maps)), {}, {}, categories)
    faults = ImageFaults(url, found.broken)
    for drawn in document.field("annotations", "the list of images").items("the list of images"):
        with faults.of(drawn, "image_id"):
            _add_picture(drawn, found.pictures)
    faults.warn()
    return found


def _add_picture(drawn: Node, pictures: dict[str, _Picture]) -> None:
    image_id = drawn.field("image_id", "the id of its image").identifier()
    name = drawn.field("file_name", "the name of its PNG")
    listed = drawn.field("segments_info", "the list of its segments").items("the list of its segments")
    infos = list(listed)
    kinds = [info.optional("category_id") for info in infos]
    segments = tuple(info.field("id", "the segment's id").integer("the segment's id") for info in infos)
    if image_id in pictures:
        earlier = pictures[image_id].place
        raise InputError(f"{drawn.place}: the image id {image_id!r} occurs at {earlier} already")
    if len(set(segments)) != len(segments) or _VOID in segments:
        raise InputError(f"{drawn.place}: segments_info has an id twice, or 0, which is no segment")
    if segments:
        key = image_key(name.text("the name of its PNG"), name.place)
        own = tuple("" if kind is None else kind.identifier() for kind in kinds)
        pictures[image_id] = _Picture(key, segments, own, drawn.place)
