"""Reader of the JSON layout in which Karpathy published the splits of Flickr8k, Flickr30k and MS COCO."""

from collections import Counter
from difflib import get_close_matches

from ilime_core.errors import InputError
from tasks.corpora.corpus import Corpus, CorpusFormat, ImageEntry, TextEntry, image_text_corpus
from tasks.corpora.json_document import DOCUMENT_BYTES, Node, read_document
from tasks.corpora.stored_images import StoredImages
from tasks.storage import Storage
from tasks.storage_keys import check_key

__all__ = ["ALL_SPLITS", "KARPATHY", "read_karpathy"]

ALL_SPLITS = "all"

_FIELDS = ("images", "filename", "filepath", "imgid", "cocoid", "split", "sentences", "raw", "sentid")


def read_karpathy(
    annotations: str, images: str, split: str, limit: int | None = None, max_bytes: int = DOCUMENT_BYTES
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
        Take only the first so many images and their captions.
    max_bytes
        Largest annotation file that is read.

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
    document = read_document(annotations, _FIELDS, max_bytes)
    listing = _Listing(document.place)
    counts: Counter[str] = Counter()
    for image in document.field("images", "the list of images").items("the list of images"):
        own = image.field("split", "the name of its split, like 'test'").text("the name of its split")
        counts[own] += 1
        taken = split in {own, ALL_SPLITS} and (limit is None or len(listing.images) < limit)
        listing.add(image, taken=taken)
    if not listing.images:
        raise _no_split(document, split, counts)
    if not listing.texts:
        raise InputError(
            f"{document.place}: the {len(listing.images)} images of split {split!r} have no caption,"
            " so there is no pair to explain; needed are 'sentences' with 'raw'"
        )
    return image_text_corpus(listing.images, listing.texts, StoredImages(Storage(images)), split, "karpathy")


class _Listing:
    """Entries as they are read, and where each name was first seen."""

    def __init__(self, uri: str) -> None:
        self.images: list[ImageEntry] = []
        self.texts: list[TextEntry] = []
        self._uri = uri
        self._captions = 0
        self._seen: dict[tuple[str, str], str] = {}

    def add(self, image: Node, *, taken: bool) -> None:
        """Take an image and its captions, or only count these: their numbers hold for every split."""
        sentences = image.field("sentences", "the list of its captions")
        first = self._captions
        captions = list(sentences.items("the list of its captions"))
        self._captions += len(captions)
        if not taken:
            return
        key = _image_key(image)
        self._once("image", key, image)
        numbered = image.optional("cocoid") or image.optional("imgid")
        external_id = numbered.identifier() if numbered else key
        self._once("image id", external_id, image)
        for number, caption in enumerate(captions):
            self._add_caption(caption, external_id, number, first + number)
        self.images.append(ImageEntry(key, external_id))

    def _add_caption(self, caption: Node, image_id: str, number: int, member: int) -> None:
        text = caption.field("raw", "the caption as text").text("the caption as text")
        sentid = caption.optional("sentid")
        external_id = sentid.identifier() if sentid else f"{image_id}#{number}"
        self._once("sentid", external_id, caption)
        self.texts.append(TextEntry(text, self._uri, str(member), external_id, len(self.images)))

    def _once(self, what: str, name: str, node: Node) -> None:
        if (what, name) in self._seen:
            earlier = self._seen[what, name]
            raise InputError(
                f"{node.place}: the {what} {name!r} stands at {earlier} already; each may stand once"
            )
        self._seen[what, name] = node.place


def _image_key(image: Node) -> str:
    filename = image.field("filename", "the image's file name")
    name = filename.text("the image's file name")
    filepath = image.optional("filepath")
    folder = filepath.text("the image's folder below the images' root") if filepath else ""
    try:
        return check_key(f"{folder}/{name}" if folder else name)
    except InputError as error:
        raise InputError(f"{filename.place}: {error}") from error


def _no_split(document: Node, split: str, counts: Counter[str]) -> InputError:
    if not counts:
        return InputError(
            f"{document.place}: 'images' is an empty list; needed is at least one image with captions"
        )
    near = get_close_matches(split, counts, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    found = ", ".join(f"{name!r} ({count})" for name, count in sorted(counts.items()))
    return InputError(
        f"{document.place}: no image is in split {split!r}{hint} Found: {found}, or take 'all'."
    )


KARPATHY = CorpusFormat(
    "one JSON file: splits, images and their sentences",
    lambda asked: read_karpathy(asked.annotations, asked.images, asked.split, asked.limit),
    lambda asked: StoredImages(Storage(asked.images)),
)
