"""Speed of an encoder: a few full batches of a corpus, timed."""

import time
from collections.abc import Callable

import numpy as np

from ilime_core.encoding.encoded import MaskedImage, MaskedTexts
from ilime_core.encoding.images import encode_masked_images
from ilime_core.encoding.texts import encode_masked_texts
from ilime_core.pictures.decoding import open_image
from ilime_core.protocols.encoders import DualEncoder
from tasks.corpora.corpus import Corpus, ImageEntry, TextEntry

__all__ = ["images_per_s", "texts_per_s"]

CALIBRATED = 4
"""Batches that are timed, after one that warms up."""


def images_per_s(encoder: DualEncoder, corpus: Corpus, batch_size: int, *, paints: bool = True) -> float:
    """Images a second in full batches of a corpus's first image, on this machine.

    Parameters
    ----------
    encoder
        Model whose image tower is timed.
    corpus
        Its first image is read and repeated.
    batch_size
        Images a batch.
    paints
        Whether removed segments are painted over; else one half of the image is left out, as on average.

    Returns
    -------
    float
        Images a second, over `CALIBRATED` batches after the first.
    """
    image = next(entry for entry in corpus.left if isinstance(entry, ImageEntry))
    pixels = encoder.image.view(open_image(corpus.files.read(image)).image).pixels
    half = np.arange(pixels.shape[1]) * 2 // pixels.shape[1]
    labels = np.broadcast_to(half, pixels.shape[:2])
    masks = np.tile([True, paints], ((CALIBRATED + 1) * batch_size, 1))
    masked = MaskedImage(0, pixels, pixels if paints else None, labels, masks)
    return batch_size / _seconds_a_batch(
        lambda on_batch: list(
            encode_masked_images(encoder, [masked], batch_size=batch_size, on_batch=on_batch)
        )
    )


def texts_per_s(encoder: DualEncoder, corpus: Corpus, batch_size: int) -> float:
    """Texts a second in full batches of a corpus's first texts, on this machine.

    Parameters
    ----------
    encoder
        Model whose text tower is timed.
    corpus
        Its first texts that are not blank are repeated.
    batch_size
        Texts a batch.

    Returns
    -------
    float
        Texts a second, over `CALIBRATED` batches after the first.
    """
    texts = [entry.text for entry in corpus.right if isinstance(entry, TextEntry) and entry.text.strip()]
    texts = texts[:batch_size]
    many = tuple(texts[i % len(texts)] for i in range((CALIBRATED + 1) * batch_size))
    return batch_size / _seconds_a_batch(
        lambda on_batch: list(
            encode_masked_texts(encoder, [MaskedTexts(0, many)], batch_size=batch_size, on_batch=on_batch)
        )
    )


def _seconds_a_batch(run: Callable[[Callable[[int], None]], object]) -> float:
    """Mean seconds of the batches after the first, which warms up."""
    ends: list[float] = []
    run(lambda _: ends.append(time.perf_counter()))
    return (ends[-1] - ends[0]) / (len(ends) - 1)
