"""Reader of the JSON layout in which Karpathy published the splits of Flickr8k, Flickr30k and MS COCO."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from ilime_core.errors import InputError
from tasks.corpora.clues import AnnotationHead, Clue, Guess
from tasks.corpora.corpus import Corpus, Tags, image_text_corpus
from tasks.corpora.fields import CorpusFields
from tasks.corpora.format import ANNOTATIONS, IMAGES, CorpusFormat
from tasks.corpora.reading.annotation_file import DOCUMENT_BYTES
from tasks.corpora.reading.json_document import Node, read_document
from tasks.corpora.reading.listing import ALL_SPLITS, Listing, image_key, no_split
from tasks.corpora.reading.object_boxes import ObjectColumn
from tasks.corpora.reading.stored_images import StoredImages
from tasks.corpora.reading.tags import TagColumns
from tasks.storage.storage import Storage

__all__ = ["KARPATHY", "read_karpathy"]

_FIELDS = ("images", "filename", "filepath", "imgid", "cocoid", "split", "sentences", "raw", "sentid")


def read_karpathy(
    annotations: str,
    images: str,
    split: str,
    limit: int | None = None,
    tags: Sequence[str] = (),
    *,
    objects: ObjectColumn | None = None,
    max_bytes: int = DOCUMENT_BYTES,
) -> Corpus:
    """List the images and captions of a split.

    Parameters
    ----------
    annotations
        URL or path of the JSON file.
    images
        URL or path of the folder that ``filepath/filename`` is relative to.
    split
        As in the file (train, restval, val, test); ``all`` takes every image.
    limit
        Largest number of images, with their captions; None takes all.
    tags
        Members of the images that are kept as tags.
    objects
        Member of the images that holds their objects.
    max_bytes
        Largest annotation file that is read.

    Returns
    -------
    Corpus
        Corpus with every image and caption that can be used; the others are in its ``rejected``.

    Raises
    ------
    InputError
        If the file cannot be used: the message names the place in it, what was got and what is needed.
    StorageError
        If the transport fails.

    References
    ----------
    .. [1] A. Karpathy, L. Fei-Fei. Deep visual-semantic alignments for generating image descriptions.
       CVPR 2015. DOI 10.1109/CVPR.2015.7298932
    """
    document = read_document(annotations, {*_FIELDS, *tags, *(objects.members if objects else ())}, max_bytes)
    columns = TagColumns(tags, document.place)
    listing = Listing(document.place)
    counts: Counter[str] = Counter()
    n_captions = 0
    for image in _images(document):
        with listing.rejections.guard():
            own = image.field("split", "the name of its split, like 'test'").text("the name of its split")
            counts[own] += 1
            found = columns.read(image)
            boxes = objects.read(image) if objects else ()
            if split in {own, ALL_SPLITS} and (limit is None or len(listing.images) < limit):
                listing.add_objects(_take(image, listing, n_captions, found), boxes)
        n_captions += _n_captions(image)
    columns.check_document(annotations, max_bytes)
    if objects:
        objects.check_document(annotations, max_bytes)
    if not counts and not listing.rejections.found:
        raise InputError(
            f"{document.place}: 'images' is an empty list; needed is at least one image with captions"
        )
    if counts and split not in {*counts, ALL_SPLITS}:
        raise no_split(document.place, split, counts)
    listing.check(f"{document.place}, split {split!r}", "'sentences' with 'raw'")
    return image_text_corpus(
        listing.images,
        listing.texts,
        StoredImages(Storage(images)),
        split,
        "karpathy",
        rejected=listing.rejections.found,
    )


def _images(document: Node) -> Iterator[Node]:
    if isinstance(document.value, list):
        raise InputError(
            f"{document.place}: got a list of {len(document.value)}; needed is an object with 'images'. Set"
            " corpus.format: folder for a list of objects with an image and its captions, like BLIP's"
        )
    return document.field("images", "the list of images").items("the list of images")


def _n_captions(image: Node) -> int:
    """Captions of an image, used or not: their numbers hold for every split."""
    found = image.value.get("sentences") if isinstance(image.value, dict) else None
    return len(found) if isinstance(found, list) else 0


def _take(image: Node, listing: Listing, first: int, tags: Tags) -> int:
    """Row of an image with those of its captions that can be used; they are numbered from ``first``."""
    captions = list(image.field("sentences", "the list of its captions").items("the list of its captions"))
    key = _image_key(image)
    numbered = image.optional("cocoid") or image.optional("imgid")
    image_id = numbered.identifier() if numbered else key
    row = listing.add_image(key, image_id, image.place, tags)
    for number, caption in enumerate(captions):
        with listing.rejections.guard():
            text = caption.field("raw", "the caption as text").text("the caption as text")
            sentid = caption.optional("sentid")
            own = sentid.identifier() if sentid else f"{image_id}#{number}"
            listing.add_text(text, first + number, own, row, caption.place)
    return row


def _image_key(image: Node) -> str:
    filename = image.field("filename", "the image's file name")
    name = filename.text("the image's file name")
    filepath = image.optional("filepath")
    folder = filepath.text("the image's folder below the images' root") if filepath else ""
    return image_key(f"{folder}/{name}" if folder else name, filename.place)


def _guess(clue: Clue) -> Guess | None:
    if not isinstance(clue, AnnotationHead) or not clue.is_object:
        return None
    found = re.search(r'"(sentences|sentids)"\s*:', clue.text)
    return Guess(f"{clue.name}: images with sentences") if found else None


def _read(asked: CorpusFields) -> Corpus:
    objects = ObjectColumn(asked, asked.annotations)
    return read_karpathy(
        asked.annotations, asked.images, asked.split, asked.limit, asked.tags, objects=objects
    )


KARPATHY = CorpusFormat(
    _read,
    "one JSON file: splits, images and their sentences",
    "https://arxiv.org/abs/1412.2306",
    title="Karpathy's splits",
    open=lambda asked: StoredImages(Storage(asked.images)),
    required={**ANNOTATIONS, **IMAGES},
    settings=("object_column", "object_box"),
    guess=_guess,
)
