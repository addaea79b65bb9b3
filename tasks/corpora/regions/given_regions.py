"""Regions that somebody else drew: a label map an image, or the objects of the corpus's own annotations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
from jaxtyping import Int

from ilime_core.errors import FailureReason, InputError, ItemError
from ilime_core.pictures.decoding import label_map_from_png
from ilime_core.segmentation.geometry import view_pixel_in_original
from ilime_core.segmentation.given import given_segments, given_values
from ilime_core.view_records import ImageSegments, ViewGeometry
from tasks.corpora.corpus import ImageEntry
from tasks.corpora.fields import CorpusFields
from tasks.corpora.reading.stored_images import StoredImages
from tasks.corpora.regions.label_names import open_label_names
from tasks.corpora.regions.object_maps import open_object_maps
from tasks.corpora.regions.region_label import region_label
from tasks.storage.storage import Storage

__all__ = ["GivenPlaces", "NamedSegments", "check_given", "given_fingerprints", "read_given"]


@dataclass(frozen=True, slots=True)
class GivenPlaces:
    """Label maps that a spec names.

    Attributes
    ----------
    label_maps
        Folder of label maps; empty where the objects of ``corpus.regions`` are the regions.
    label_names
        File with the names of their labels; empty where they have none.
    """

    label_maps: str = ""
    label_names: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class NamedSegments:
    """Segments of a view with what they show.

    Attributes
    ----------
    segments
        In the pixels of the view.
    labels
        Normalised name of each segment; None of the background and of what has no name.
    source
        Origin of the names: instances, panoptic or label_names.
    """

    segments: ImageSegments
    labels: tuple[str | None, ...]
    source: str


def read_given(
    places: GivenPlaces, corpus: CorpusFields, image: ImageEntry, geometry: ViewGeometry
) -> NamedSegments:
    """Segments of a view from the label map or the objects of its image.

    Parameters
    ----------
    places
        Label maps and their names.
    corpus, image, geometry
        The corpus, one of its images, and what the model sees of it.

    Returns
    -------
    NamedSegments
        Segments in the pixels of the view, with their names.

    Raises
    ------
    ItemError
        If this image has none, or what it has cannot be used.
    InputError
        If the annotations as a whole cannot be used.
    StorageError
        If the transport fails.
    """
    if places.label_maps:
        labels = _label_map(places.label_maps, image)
        names = open_label_names(places.label_names).of(image.uri) if places.label_names else {}
        return _named(labels, geometry, names, "label_names")
    return _objects(corpus, image, geometry)


def given_fingerprints(
    places: GivenPlaces, corpus: CorpusFields, images: Sequence[ImageEntry]
) -> dict[str, str | None]:
    """Fingerprints of the files that hold the regions, by file name; None where there is no file.

    They identify a set of regions wherever it lies, and are part of the content that a run's id hashes.

    Parameters
    ----------
    places
        Label maps and their names.
    corpus
        Section of the spec.
    images
        Images of the run.

    Returns
    -------
    dict[str, str | None]
        Fingerprint by file name.

    Raises
    ------
    InputError
        If no image of the corpus has any, or the annotations cannot be used.
    StorageError
        If the transport fails.
    """
    maps = places.label_maps
    found = _fingerprints(maps, corpus, images)
    if maps and not any(found.values()):
        raise InputError(
            f"none of the {len(images)} label maps exists: the first would be"
            f" {Storage(maps).url}/{_map_name(images[0])}; check segmentation.image.label_maps"
        )
    if not maps:
        objects = open_object_maps(corpus)
        ids = [image.external_id for image in images]
        if objects.image_ids.isdisjoint(ids):
            raise InputError(
                f"{objects.url}: none of the {len(ids)} images of the corpus has an object in it, the first"
                f" of them {ids[0]!r}; check corpus.regions"
            )
    return found | _names_fingerprint(places)


def check_given(
    places: GivenPlaces, corpus: CorpusFields, images: Sequence[ImageEntry], planned: Mapping[str, str | None]
) -> None:
    """Refuse regions that have been replaced since the plan; to be called after they were read.

    Parameters
    ----------
    places
        Label maps and their names.
    corpus
        Section of the spec.
    images
        Images whose regions were read.
    planned
        As `given_fingerprints` returned it when the run was planned.

    Raises
    ------
    InputError
        If a file has another fingerprint than when the run was planned.
    StorageError
        If the transport fails.
    """
    found = _fingerprints(places.label_maps, corpus, images) | _names_fingerprint(places)
    for name, now in found.items():
        if now != planned.get(name):
            raise InputError(
                f"the regions in {name} have changed since the run was planned; start ilime explain again"
            )


def _fingerprints(maps: str, corpus: CorpusFields, images: Sequence[ImageEntry]) -> dict[str, str | None]:
    if not maps:
        return open_object_maps(corpus).fingerprints([image.external_id for image in images])
    names = [_map_name(image) for image in images]
    found = StoredImages(Storage(maps)).fingerprints([ImageEntry(name, name) for name in names])
    return dict(zip(names, found, strict=True))


def _names_fingerprint(places: GivenPlaces) -> dict[str, str | None]:
    if not places.label_names:
        return {}
    file = open_label_names(places.label_names).file
    return {file.name: file.storage.fingerprint(file.name)}


def _named(
    labels: Int[np.ndarray, "height width"], geometry: ViewGeometry, names: Mapping[int, str], source: str
) -> NamedSegments:
    segments = given_segments(labels, geometry)
    found = (names.get(value, "") for value in given_values(labels, geometry, segments))
    return NamedSegments(segments, tuple(region_label(name) for name in found), source)


def _map_name(image: ImageEntry) -> str:
    return f"{PurePosixPath(image.uri).with_suffix('')}.png"


def _label_map(maps: str, image: ImageEntry) -> Int[np.ndarray, "height width"]:
    files, name = StoredImages(Storage(maps)), _map_name(image)
    try:
        return label_map_from_png(files.read(ImageEntry(name, name)))
    except FileNotFoundError as error:
        message = f"{image.uri}: there is no label map {files.root}/{name}"
        raise ItemError(FailureReason.ABSENT, message) from error


def _objects(corpus: CorpusFields, image: ImageEntry, geometry: ViewGeometry) -> NamedSegments:
    objects = open_object_maps(corpus)
    if image.external_id not in objects.image_ids:
        message = f"{image.uri}: image {image.external_id} has no object in {objects.url}"
        raise ItemError(FailureReason.EMPTY, message)
    labels = objects.label_map(image.external_id)
    source = "panoptic" if corpus.region_label_maps else "instances"
    named = _named(labels, geometry, objects.names(image.external_id), source)
    if not labels[np.ix_(*view_pixel_in_original(geometry))].any():
        message = f"{image.uri}: the view shows no object of image {image.external_id} in {objects.url}"
        raise ItemError(FailureReason.EMPTY, message)
    return named
