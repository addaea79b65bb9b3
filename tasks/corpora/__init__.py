"""Corpora: formats of annotations and images, and how they are listed and opened.

Used by planning and stages through `open_corpus` and `open_images`.
"""

from collections.abc import Mapping

from tasks.corpora.corpus import Corpus, CorpusFormat, ImageFiles
from tasks.corpora.formats.coco_captions import COCO_CAPTIONS
from tasks.corpora.formats.flickr30k import FLICKR30K
from tasks.corpora.formats.folder import FOLDER
from tasks.corpora.formats.image_pairs import IMAGE_PAIRS
from tasks.corpora.formats.karpathy import KARPATHY
from tasks.corpora.formats.text_pairs import TEXT_PAIRS
from tasks.corpora.formats.webdataset import WEBDATASET
from tasks.corpora.parquet.rows import PARQUET
from tasks.spec import CorpusParameters

__all__ = ["FORMATS", "open_corpus", "open_images"]

FORMATS: Mapping[str, CorpusFormat] = {
    "karpathy": KARPATHY,
    "webdataset": WEBDATASET,
    "flickr30k": FLICKR30K,
    "coco_captions": COCO_CAPTIONS,
    "folder": FOLDER,
    "parquet": PARQUET,
    "image_pairs": IMAGE_PAIRS,
    "text_pairs": TEXT_PAIRS,
}
"""Readers by the name of their format in the spec."""


def open_corpus(parameters: CorpusParameters) -> Corpus:
    """List a corpus; no image is opened.

    Raises
    ------
    InputError
        If the annotations are absent or broken, or hold no pair of the split that matches.
    StorageError
        If the transport fails.
    """
    return FORMATS[parameters.format].list(parameters)


def open_images(parameters: CorpusParameters) -> ImageFiles:
    """Open the images of a corpus for reading; nothing is listed, so that every worker may do it."""
    return FORMATS[parameters.format].open(parameters)
