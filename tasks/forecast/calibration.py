"""Speed of an encoder: a few full batches of a corpus, timed."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from ilime_core.encoding.encoded import MaskedImage, MaskedTexts
from ilime_core.encoding.images import encode_masked_images
from ilime_core.encoding.texts import encode_masked_texts
from ilime_core.pictures.decoding import open_image
from ilime_core.protocols.encoders import DualEncoder
from tasks.corpora.corpus import Corpus, ImageEntry, TextEntry

__all__ = ["LONGEST_S", "TowerSpeed", "time_images", "time_texts"]

CALIBRATED = 4
"""Batches that are timed, after one that warms up."""

LONGEST_S = 5.0
"""Time of a tower after which no further batch is begun, so that a slow one is calibrated in seconds, too."""


class _Enough(Exception):  # noqa: N818 - no error: ends the batches
    """The last batch that is timed is over."""


@dataclass(frozen=True, slots=True)
class TowerSpeed:
    """Seconds of a tower on this machine, under the load that it has.

    Attributes
    ----------
    each_s
        Of an item in a full batch.
    first_s
        Beyond that, of the first batch of a process: what a model prepares once.
    """

    each_s: float
    first_s: float

    @property
    def per_s(self) -> float:
        """Items a second."""
        return 1 / self.each_s


def time_images(encoder: DualEncoder, corpus: Corpus, batch_size: int, *, paints: bool = True) -> TowerSpeed:
    """Time full batches of a corpus's first image under half masks.

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
    TowerSpeed
        Over at most `CALIBRATED` batches after the first.
    """
    image = next(entry for entry in corpus.left if isinstance(entry, ImageEntry))
    pixels = encoder.image.view(open_image(corpus.files.read(image)).image).pixels
    half = np.arange(pixels.shape[1]) * 2 // pixels.shape[1]
    labels = np.broadcast_to(half, pixels.shape[:2])
    masks = np.tile([True, paints], ((CALIBRATED + 1) * batch_size, 1))
    masked = MaskedImage(0, pixels, pixels if paints else None, labels, masks)
    return _timed(
        lambda on_batch: list(
            encode_masked_images(encoder, [masked], batch_size=batch_size, on_batch=on_batch)
        ),
        batch_size,
    )


def time_texts(encoder: DualEncoder, corpus: Corpus, batch_size: int, *, drops: bool = False) -> TowerSpeed:
    """Time full batches of a corpus's first texts.

    Parameters
    ----------
    encoder
        Model whose text tower is timed.
    corpus
        Its first texts that are not blank are repeated.
    batch_size
        Texts a batch.
    drops
        Whether removed words are left out: every other word then is, as on average.

    Returns
    -------
    TowerSpeed
        Over at most `CALIBRATED` batches after the first.
    """
    texts = [entry.text for entry in corpus.right if isinstance(entry, TextEntry) and entry.text.strip()]
    texts = [" ".join(text.split()[::2]) if drops else text for text in texts[:batch_size]]
    many = tuple(texts[i % len(texts)] for i in range((CALIBRATED + 1) * batch_size))
    return _timed(
        lambda on_batch: list(
            encode_masked_texts(encoder, [MaskedTexts(0, many)], batch_size=batch_size, on_batch=on_batch)
        ),
        batch_size,
    )


def _timed(run: Callable[[Callable[[int], None]], object], batch_size: int) -> TowerSpeed:
    """Mean seconds of the batches after the first, which warms up; at least one of them."""
    ends = [time.perf_counter()]

    def ended(_: int) -> None:
        ends.append(time.perf_counter())
        if len(ends) > 2 and ends[-1] - ends[0] > LONGEST_S:
            raise _Enough

    with suppress(_Enough):
        run(ended)
    batch_s = (ends[-1] - ends[1]) / (len(ends) - 2)
    return TowerSpeed(batch_s / batch_size, max(ends[1] - ends[0] - batch_s, 0.0))
