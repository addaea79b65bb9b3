"""The search corpus of the demo is as documented.

Proves tasks.corpora.demos.laying_out.
"""

import numpy as np
import pytest
from every import every
from PIL import Image

from ilime_core.errors import InputError
from tasks.corpora.demos.visual_search import materialise_demo_search
from tasks.corpora.registry import open_corpus
from tasks.spec import CorpusParameters


@pytest.fixture(scope="module")
def laid(tmp_path_factory):
    return materialise_demo_search(tmp_path_factory.mktemp("search"))


def test_five_queries_have_one_answer_each_among_nine_candidates(laid):
    asked = CorpusParameters(format="image_pairs", annotations=str(laid.annotations), images=str(laid.images))
    corpus = open_corpus(asked)
    names = [corpus.right[right].uri for _, right in corpus.relevance]
    assert corpus.left[0].uri == "motorcycle_left.png"
    assert (len(corpus.left), len(corpus.right), len(corpus.relevance)) == (5, 9, 5)
    assert names[0] == "motorcycle_right.png"
    assert every((laid.images / entry.uri).is_file() for entry in corpus.right)


def test_views_are_other_pictures_of_the_same_photographs(laid):
    with (
        Image.open(laid.images / "china.jpg") as china,
        Image.open(laid.images / "view_of_china.png") as view,
    ):
        assert view.size == (china.width - 2 * (china.width // 8), china.height - 2 * (china.height // 8))
        corner = (china.width // 8, china.height // 8)
        assert view.getpixel((0, 0)) == china.convert("RGB").getpixel(corner)
    with (
        Image.open(laid.images / "flower.jpg") as flower,
        Image.open(laid.images / "view_of_flower.png") as view,
    ):
        assert view.getpixel((0, 5)) == flower.convert("RGB").getpixel((flower.width - 1, 5))
    with (
        Image.open(laid.images / "chelsea.png") as cat,
        Image.open(laid.images / "view_of_chelsea.png") as view,
    ):
        assert view.size == (cat.width // 4, cat.height // 4)
    with (
        Image.open(laid.images / "coffee.png") as cup,
        Image.open(laid.images / "view_of_coffee.png") as view,
    ):
        bright, dark = (np.asarray(side.convert("L")).mean() for side in (cup, view))
        assert dark == pytest.approx(0.6 * bright, abs=3)


def test_laying_it_out_again_changes_nothing(laid):
    before = {path: path.read_bytes() for path in laid.images.iterdir()}
    materialise_demo_search(laid.images.parent)
    assert {path: path.read_bytes() for path in laid.images.iterdir()} == before


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="choose another folder"):
        materialise_demo_search(tmp_path / "file")
