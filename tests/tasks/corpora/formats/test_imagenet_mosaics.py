"""The published mosaics: which images, in which quadrants, and the texts of each."""

import pytest
from imagenet_folder import lay_out

from ilime_core.errors import IlimeWarning, InputError
from tasks.corpora.formats.imagenet_mosaics import N_MOSAICS, QUADRUPLES, quadruple_of
from tasks.corpora.reading.imagenet_classes import CLASSES
from tasks.corpora.registry import open_corpus
from tasks.spec import CorpusParameters


def listed(folder, **fields):
    return open_corpus(CorpusParameters(format="imagenet_mosaics", images=str(folder), split="all", **fields))


def test_a_whole_validation_set_has_the_published_mosaics(tmp_path):
    corpus = listed(lay_out(tmp_path / "val", "wnid", N_MOSAICS))
    assert (len(corpus.left), len(corpus.right), len(corpus.relevance)) == (500, 40, 2000)
    assert len({image.uri for image in corpus.left}) == 500
    assert corpus.left[11].uri == "cat_goldfish_plane_pizza-01.png"
    # Image k of each class has file number 10 k + its place among the classes.
    assert corpus.left[11].member.count("n02123159/ILSVRC2012_val_00000013.JPEG") == 1
    said = [corpus.right[text].text for image, text in corpus.relevance if image == 11]
    assert said == ["cat", "cat goldfish", "cat goldfish plane", "cat goldfish plane pizza"]


def test_few_images_make_few_mosaics_with_a_warning(tmp_path):
    folder = lay_out(tmp_path / "val", "wnid", 2)
    extra = folder / "n02123159"
    next(extra.glob("*13.JPEG")).unlink()
    with pytest.warns(IlimeWarning, match="fewer than 50 images of goldfish 2, husky 2, cat 1"):
        corpus = listed(folder)
    with_cat = sum("cat" in names for names in QUADRUPLES)
    assert len(corpus.left) == 20 - with_cat


def test_a_limit_takes_the_quadruples_by_turns(tmp_path):
    folder = lay_out(tmp_path / "val", "kaggle", 2)
    with pytest.warns(IlimeWarning, match="fewer than 50"):
        corpus = listed(folder, limit=3)
    assert [quadruple_of(image.uri) for image in corpus.left] == list(QUADRUPLES[:3])
    assert len(corpus.right) == len(corpus.relevance) == 12


def test_tags_are_the_quadruple_the_number_and_how_many_are_named(tmp_path):
    folder = lay_out(tmp_path / "val", "wnid", 2)
    with pytest.warns(IlimeWarning, match="fewer than 50"):
        corpus = listed(folder, limit=11, tags=("quadruple", "number", "named"))
    words = ("quadruple", " ".join(QUADRUPLES[0]))
    assert corpus.left[10].tags == (words, ("number", "1"))
    assert corpus.right[1].tags == (words, ("named", "2"))
    with (
        pytest.warns(IlimeWarning, match="fewer than 50"),
        pytest.raises(InputError, match="'wnid'"),
    ):
        listed(folder, tags=("wnid",))


def test_it_has_no_splits(tmp_path):
    with pytest.raises(InputError, match="has no splits"):
        open_corpus(CorpusParameters(format="imagenet_mosaics", images=str(tmp_path), split="val"))


def test_quadruples_are_those_published():
    assert {name for names in QUADRUPLES for name in names} == {one.name for one in CLASSES}
    assert {len(set(names)) for names in QUADRUPLES} == {4}
    assert len({names[0] for names in QUADRUPLES}) == 10
    assert quadruple_of("goldfish_husky_pizza_tractor-07.png") == QUADRUPLES[0]
    assert quadruple_of("husky_goldfish_pizza_tractor-07.png") is None
