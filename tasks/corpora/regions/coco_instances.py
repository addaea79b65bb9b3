"""Reader of MS COCO's instances_*.json: outlines and run-length masks of objects, drawn when asked for."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import cast

import numpy as np
from jaxtyping import Bool, Int

from ilime_core.errors import FailureReason, InputError, ItemError
from ilime_core.segmentation.overlays import overlay_masks
from ilime_core.segmentation.polygons import fill_polygon
from ilime_core.segmentation.run_length import expand_counts
from tasks.corpora.images.faults import ImageFaults
from tasks.corpora.reading.annotation_file import AnnotationFile
from tasks.corpora.reading.json_document import Node, read_document
from tasks.corpora.regions.categories import category_names

__all__ = ["MAX_PIXELS", "CocoInstances", "read_instances"]

MAX_PIXELS = 80_000_000
"""Largest picture that masks are drawn for, as of images."""

_CORNERS = 10_000  # the work on an outline grows with corners times height

_FIELDS = (
    "images", "annotations", "id", "width", "height", "image_id", "segmentation", "counts", "size",
    "segments_info", "category_id", "categories", "name",
)  # fmt: skip
_SHAPES = "a list of outlines [x1, y1, x2, y2, x3, y3, ...], or run lengths {'counts', 'size'}"


@dataclass(frozen=True, slots=True, eq=False)
class CocoInstances:
    """`tasks.corpora.regions.object_maps.ObjectMaps` of an instances file; outlines are kept packed."""

    file: AnnotationFile
    sizes: dict[str, tuple[int, int]]
    """Height and width by image id."""
    objects: dict[str, list[Node]]
    """Segmentations by image id, their structure checked."""
    kinds: dict[str, list[str]] = field(default_factory=dict)
    """Category ids of these objects; empty text where none is said."""
    categories: dict[str, str] = field(default_factory=dict)
    """Names by category id."""
    broken: dict[str, str] = field(default_factory=dict)
    """By image id: the first thing that is said of the image and cannot be used."""

    @property
    def url(self) -> str:
        """The JSON file."""
        return self.file.url

    @property
    def image_ids(self) -> AbstractSet[str]:
        """Images with objects, also such as cannot be drawn."""
        return self.objects.keys() | self.broken.keys()

    def label_map(self, image_id: str) -> Int[np.ndarray, "height width"]:
        """Objects laid over each other, the smaller above, crowds included."""
        self.check(image_id)
        height, width = self.sizes[image_id]
        return overlay_masks(_masks(self.objects[image_id], height, width), height, width)

    def names(self, image_id: str) -> dict[int, str]:
        """Category names of the objects of an image by label; objects without one are absent."""
        found = (self.categories.get(kind, "") for kind in self.kinds.get(image_id, ()))
        return {label: name for label, name in enumerate(found, start=1) if name}

    def check(self, image_id: str) -> None:
        """Refuse an image of which something is said that cannot be used, or that is too large to draw.

        Raises
        ------
        ItemError
            The message names the place.
        """
        if image_id in self.broken:
            raise ItemError(FailureReason.MALFORMED, self.broken[image_id])
        height, width = self.sizes.get(image_id, (0, 0))
        if height * width > MAX_PIXELS:
            raise ItemError(
                FailureReason.TOO_LARGE,
                f"{self.url}: image {image_id} has {width} x {height} pixels, the limit is {MAX_PIXELS:,}",
            )

    def category_mask(self, image_id: str, category: str) -> Bool[np.ndarray, "height width"]:
        """Pixels of all objects of one category id, crowds included.

        Parameters
        ----------
        image_id
            Id of the picture in the file.
        category
            Id of the category.

        Returns
        -------
        Bool[np.ndarray, 'height width']
            True inside the objects, in pixels of the upright original; all False without objects.

        Raises
        ------
        ItemError
            If one cannot be drawn, or the picture is too large.
        """
        self.check(image_id)
        height, width = self.sizes[image_id]
        own = [
            shape
            for shape, kind in zip(self.objects[image_id], self.kinds[image_id], strict=True)
            if kind == category
        ]
        mask = np.zeros((height, width), dtype=bool)
        for drawn in _masks(own, height, width):
            mask |= drawn
        return mask

    def fingerprints(self, image_ids: Sequence[str]) -> dict[str, str | None]:
        """Fingerprint of the file, which holds all objects."""
        del image_ids
        return {self.file.name: self.file.storage.fingerprint(self.file.name)}


def read_instances(url: str) -> CocoInstances:
    """Read an instances file.

    Raises
    ------
    InputError
        If the file cannot be used: the message names the place in it, what was got and what is needed.
    StorageError
        If the transport fails.
    """
    packed = {"segmentation": _packed_outlines, "counts": _packed_counts}
    document = read_document(url, _FIELDS, packed=packed)
    found = CocoInstances(AnnotationFile.find(url), {}, {}, {}, category_names(document))
    faults = ImageFaults(url, found.broken)
    for image in document.field("images", "the list of images").items("the list of images"):
        with faults.of(image, "id"):
            _add_size(image, found.sizes)
    for drawn in document.field("annotations", "the list of objects").items("the list of objects"):
        if isinstance(drawn.value, dict) and "segments_info" in drawn.value:
            raise InputError(
                f"{drawn.place}: 'segments_info' makes this a panoptic file; set"
                " corpus.region_label_maps to the folder of its PNGs"
            )
        with faults.of(drawn, "image_id"):
            _add_object(drawn, found)
    faults.warn()
    return found


def _add_object(drawn: Node, found: CocoInstances) -> None:
    image = drawn.field("image_id", "the id of its image")
    own = image.identifier()
    if own not in found.sizes:
        raise image.wrong("the id of one of 'images'")
    shape = drawn.field("segmentation", _SHAPES)
    _check(shape)
    kind = drawn.optional("category_id")
    name = "" if kind is None else kind.identifier()
    found.objects.setdefault(own, []).append(shape)
    found.kinds.setdefault(own, []).append(name)


def _add_size(image: Node, sizes: dict[str, tuple[int, int]]) -> None:
    own = image.field("id", "the image's id").identifier()
    if own in sizes:
        raise InputError(f"{image.place}: the image id {own!r} occurs earlier already")
    sizes[own] = _pixels(image, "height"), _pixels(image, "width")


def _pixels(image: Node, name: str) -> int:
    number = image.field(name, "its size in pixels")
    if number.integer("its size in pixels") < 1:
        raise number.wrong("its size in pixels")
    return number.integer("its size in pixels")


def _packed_outlines(value: object) -> object:
    """Outlines as arrays, a tenth of the lists; what is no list of numbers stays and is refused later."""
    if not isinstance(value, list):
        return value
    return [_packed(outline, "if", np.float32) for outline in value]


def _packed_counts(value: object) -> object:
    return _packed(value, "i", np.int64)


def _packed(value: object, kinds: str, kind: type[np.generic]) -> object:
    if not isinstance(value, list):
        return value
    try:
        numbers = np.asarray(value)
    except ValueError:  # lists of several lengths
        return value
    return numbers.astype(kind) if numbers.dtype.kind in kinds and numbers.ndim == 1 else value


def _check(shape: Node) -> None:
    if isinstance(shape.value, dict):
        counts, size = shape.field("counts", "run lengths"), shape.field("size", "[height, width]")
        if not isinstance(counts.value, str | np.ndarray):
            raise counts.wrong("a list of run lengths, or COCO's compressed text")
        if [side.integer("a height or width") > 0 for side in size.items("[height, width]")] != [True, True]:
            raise size.wrong("[height, width]")
        return
    outlines = list(shape.items(_SHAPES))
    if not outlines:
        raise shape.wrong(_SHAPES)
    for outline in outlines:
        numbers = outline.value
        if not isinstance(numbers, np.ndarray) or len(numbers) < 6 or len(numbers) % 2:
            raise outline.wrong("[x1, y1, x2, y2, x3, y3, ...] with three corners or more")
        if len(numbers) > 2 * _CORNERS:
            raise InputError(
                f"{outline.place}: has {len(numbers) // 2} corners, at most {_CORNERS:,} are read"
            )
        if not np.isfinite(numbers).all():
            raise outline.wrong("corners that are finite")


def _masks(objects: Sequence[Node], height: int, width: int) -> Iterator[Bool[np.ndarray, "height width"]]:
    for shape in objects:
        if isinstance(shape.value, dict):
            yield _run_length_mask(shape, height, width)
            continue
        mask = np.zeros((height, width), dtype=bool)
        for outline in shape.items(_SHAPES):
            mask |= fill_polygon(np.reshape(cast("np.ndarray", outline.value), (-1, 2)), height, width)
        yield mask


def _run_length_mask(shape: Node, height: int, width: int) -> Bool[np.ndarray, "height width"]:
    """Runs of 0 and 1 in turn, down the columns."""
    counts = shape.field("counts", "run lengths").value
    try:
        runs = expand_counts(counts) if isinstance(counts, str) else np.asarray(counts)
    except InputError as error:
        raise ItemError(FailureReason.UNDECODABLE, f"{shape.place}: {error}") from error
    n_pixels = height * width
    size = [side.value for side in shape.field("size", "[height, width]").items("[height, width]")]
    bounded = 0 <= runs.min(initial=0) <= runs.max(initial=0) <= n_pixels  # so that the sum cannot overflow
    if size != [height, width] or not bounded or runs.sum() != n_pixels:
        raise ItemError(
            FailureReason.UNDECODABLE,
            f"{shape.place}: got {int(runs.sum())} pixels in runs, of a picture of {size}; needed are"
            f" {n_pixels} of {[height, width]}",
        )
    return np.repeat(np.arange(len(runs)) % 2 == 1, runs).reshape((height, width), order="F")
