"""The mean colour of a corpus: the baseline ``dataset_mean``."""

import numpy as np

from ilime_core.errors import IlimeError, InputError
from ilime_core.perturbation.dataset_mean import ColourSum
from ilime_core.pictures.decoding import open_image
from tasks.corpora.corpus import Corpus, ImageEntry
from tasks.storage.storage import StorageError

__all__ = ["COLOUR_SAMPLE", "dataset_colour"]

COLOUR_SAMPLE = 64
"""Images that fix the colour."""


def dataset_colour(corpus: Corpus, seed: int) -> tuple[int, int, int]:
    """Mean colour of a seeded sample of images, rounded to 8 bits so that it is one number everywhere.

    Parameters
    ----------
    corpus
        Its left side may hold texts too, which are skipped.
    seed
        Of the sample.

    Returns
    -------
    tuple[int, int, int]
        Red, green and blue, 0 to 255.
    """
    images = [entry for entry in corpus.left if isinstance(entry, ImageEntry)]
    order = np.random.default_rng(seed).permutation(len(images))
    total = ColourSum()
    n_read = 0
    for index in order:
        try:
            image = open_image(corpus.files.read(images[int(index)])).image
        except (IlimeError, FileNotFoundError) as error:
            if isinstance(error, StorageError):
                raise
            continue
        total.add(np.asarray(image.resize((64, 64))))
        n_read += 1
        if n_read == COLOUR_SAMPLE:
            break
    if not n_read:
        raise InputError("dataset_mean: no image of the corpus can be read; use another image_baseline")
    return total.mean()
