"""Truth of FIxLIP's mosaics: a class lies in its quadrant, also one that the text does not name."""

from dataclasses import dataclass

from ilime_core.errors import InputError
from tasks.corpora.formats.imagenet_mosaics import QUADRUPLES, quadruple_of
from tasks.corpora.reading.mosaic_images import SIDE
from tasks.corpora.regions.named_spans import PixelBox
from tasks.runs.items import Item
from tasks.spec.corpus import CorpusParameters
from tasks.truth.fingerprints import combined
from tasks.truth.truth import TruePart

__all__ = ["MosaicTruth", "open_mosaic_truth"]


@dataclass(frozen=True, slots=True)
class MosaicTruth:
    """`tasks.truth.truth.Truth` of corpus format ``imagenet_mosaics``; reads no file."""

    def fingerprint(self) -> str:
        """Of the published quadruples and the size of a quadrant."""
        return combined("imagenet_mosaics", [str(SIDE), *map(" ".join, QUADRUPLES)])

    def parts(self, image: Item, text: Item) -> tuple[TruePart, ...]:
        """The four quadrants, if the text names the first of them in their order.

        Parameters
        ----------
        image
            A mosaic.
        text
            Classes with a blank between them.

        Returns
        -------
        tuple[TruePart, ...]
            One part a quadrant, without code points where the text does not name it; empty for the text of
            another quadruple.
        """
        names = quadruple_of(image.uri)
        said = (text.text or "").split(" ")
        if names is None or list(names[: len(said)]) != said:
            return ()
        parts: list[TruePart] = []
        start = 0
        for place, name in enumerate(names):
            end = start + len(name) if place < len(said) else start
            box = PixelBox(place % 2 * SIDE, place // 2 * SIDE, SIDE, SIDE)
            parts.append(TruePart(start, end, (box,)))
            start = end + 1 if place + 1 < len(said) else end
        return tuple(parts)


def open_mosaic_truth(corpus: CorpusParameters) -> MosaicTruth:
    """Truth of the mosaics of a corpus.

    Raises
    ------
    InputError
        If the corpus is of another format.
    """
    if corpus.format != "imagenet_mosaics":
        raise InputError(
            "faithfulness.truth: imagenet_mosaics is the truth of corpora of that format, this one is of"
            f" format {corpus.format}"
        )
    return MosaicTruth()
