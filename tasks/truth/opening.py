"""Truth by the name of its layout."""

import threading
from functools import lru_cache

from ilime_core.errors import InputError
from ilime_core.modality import Modality
from tasks.corpora.registry import FORMATS
from tasks.spec.corpus import CorpusParameters
from tasks.spec.truth import TruthParameters
from tasks.truth.coco_objects import read_coco_truth
from tasks.truth.flickr30k_entities import read_entity_truth
from tasks.truth.imagenet_mosaics import open_mosaic_truth
from tasks.truth.spans import read_span_truth
from tasks.truth.truth import Truth

__all__ = ["open_truth"]

_READING = threading.Lock()


def open_truth(parameters: TruthParameters, corpus: CorpusParameters) -> Truth | None:
    """Read the truth of a spec, once in a process however many threads ask.

    Parameters
    ----------
    parameters
        The section ``faithfulness.truth``.
    corpus
        What it speaks of.

    Returns
    -------
    Truth or None
        None where the spec names none.

    Raises
    ------
    InputError
        If the corpus has no captions of images, or the files cannot be used.
    StorageError
        If the transport fails.
    """
    if parameters.format == "none":
        return None
    if FORMATS[corpus.format].sides != (Modality.IMAGE, Modality.TEXT):
        raise InputError(
            f"faithfulness.truth: {parameters.format} says where images show what captions name; a corpus of"
            f" format {corpus.format} has no such captions, so set the truth's format to none"
        )
    if parameters.format == "imagenet_mosaics":
        return open_mosaic_truth(corpus)
    with _READING:
        return _open(parameters)


@lru_cache(maxsize=1)
def _open(parameters: TruthParameters) -> Truth:
    if parameters.format == "coco_objects":
        return read_coco_truth(parameters.annotations)
    if parameters.format == "flickr30k_entities":
        return read_entity_truth(parameters.annotations, parameters.sentences)
    return read_span_truth(parameters.annotations, parameters.label_maps)
