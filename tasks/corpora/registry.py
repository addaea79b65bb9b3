"""Registry of corpus formats: one line a format, in the order in which layouts are guessed."""

from ilime_core.registry import Registry
from tasks.corpora.corpus import Corpus, ImageFiles
from tasks.corpora.fields import CorpusFields
from tasks.corpora.format import CorpusFormat
from tasks.corpora.formats.coco_captions import COCO_CAPTIONS
from tasks.corpora.formats.contrast import CONTRAST
from tasks.corpora.formats.flickr30k import FLICKR30K
from tasks.corpora.formats.folder import FOLDER
from tasks.corpora.formats.image_pairs import IMAGE_PAIRS
from tasks.corpora.formats.imagenet_mosaics import IMAGENET_MOSAICS
from tasks.corpora.formats.karpathy import KARPATHY
from tasks.corpora.formats.text_pairs import TEXT_PAIRS
from tasks.corpora.formats.webdataset import WEBDATASET
from tasks.corpora.parquet.rows import PARQUET

__all__ = ["FORMATS", "open_corpus", "open_images"]

FORMATS: Registry[CorpusFormat] = Registry(
    "corpus format",
    {
        "karpathy": KARPATHY,
        "flickr30k": FLICKR30K,
        "coco_captions": COCO_CAPTIONS,
        "webdataset": WEBDATASET,
        "parquet": PARQUET,
        "contrast": CONTRAST,
        "image_pairs": IMAGE_PAIRS,
        "text_pairs": TEXT_PAIRS,
        "imagenet_mosaics": IMAGENET_MOSAICS,
        "folder": FOLDER,
    },
)
"""Formats by their names in the spec; folder is the last, because it takes any table with file names."""


def open_corpus(fields: CorpusFields) -> Corpus:
    """List a corpus; no image is opened.

    Raises
    ------
    InputError
        If the annotations are absent or broken, or hold no pair of the split that matches.
    StorageError
        If the transport fails.
    """
    return FORMATS[fields.format].make(fields)


def open_images(fields: CorpusFields) -> ImageFiles:
    """Open the images of a corpus for reading; nothing is listed, so that every worker may do it."""
    return FORMATS[fields.format].open(fields)
