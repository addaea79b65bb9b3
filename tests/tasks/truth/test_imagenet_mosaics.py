"""Quadrants of a mosaic and the words of its text."""

import pytest

from ilime_core.errors import InputError
from tasks.corpora.regions.named_spans import PixelBox
from tasks.spec import CorpusParameters
from tasks.spec.truth import TruthParameters
from tasks.truth import open_truth
from tasks.truth.imagenet_mosaics import MosaicTruth

MOSAIC = "goldfish_husky_pizza_tractor-07.png"
CORNERS = [(0, 0), (224, 0), (0, 224), (224, 224)]


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_named_quadrants_have_their_words_and_the_others_none(image, text, count):
    names = ["goldfish", "husky", "pizza", "tractor"]
    said = " ".join(names[:count])
    parts = MosaicTruth().parts(image(MOSAIC), text(said))
    assert [said[part.char_start : part.char_end] for part in parts] == [*names[:count], *[""] * (4 - count)]
    assert [part.shows for part in parts] == [(PixelBox(*corner, 224, 224),) for corner in CORNERS]


@pytest.mark.parametrize("said", ["husky", "goldfish pizza", "goldfish husky pizza tractor ball", "", "gold"])
def test_the_text_of_other_mosaics_says_nothing(image, text, said):
    assert MosaicTruth().parts(image(MOSAIC), text(said)) == ()


def test_another_image_is_no_mosaic(image, text):
    assert MosaicTruth().parts(image("n01443537/goldfish-07.JPEG"), text("goldfish")) == ()


def test_it_goes_with_its_corpus_alone():
    parameters = TruthParameters(format="imagenet_mosaics")
    mosaics = CorpusParameters(format="imagenet_mosaics", images="val")
    assert open_truth(parameters, mosaics) == MosaicTruth()
    with pytest.raises(InputError, match="this one is of format folder"):
        open_truth(parameters, CorpusParameters(format="folder", images="val"))
    assert len(MosaicTruth().fingerprint()) == 64
