"""Page of two images or two texts: captions of texts alone, and alternative texts that name the segments."""

import dataclasses

import numpy as np
import pytest

from tasks.figures.pair_picture import read_pair
from tasks.report.pair_page import pair_context, pair_figures


@pytest.fixture
def alike(pictured):
    """The item of a planted pair beside itself; only segment 1 and segment 0 act together."""

    def of(name):
        pair = read_pair(pictured.run, pictured.good)
        item = getattr(pair, name)
        weights = np.zeros((item.n_segments, item.n_segments))
        weights[1, 0] = 0.5
        known = {"weights": weights, "errors": np.full_like(weights, 0.01)}
        known |= {"p_values": np.where(weights > 0, 0.001, 0.9), "factors": ()}
        return dataclasses.replace(pair, left=item, right=item, **known)

    return of


def test_two_texts_are_query_and_candidate_in_colours(alike):
    pair = alike("text")
    context = pair_context(pair)
    assert [name for name, _, _ in context["texts"]] == ["query", "candidate"]
    query, candidate = ("".join(word.text for word in words) for _, words, _ in context["texts"])
    assert query == candidate == pair.text.caption
    assert [word.text for word in context["texts"][0][1] if word.tint == "pos5"] == ["cat"]
    assert [word.text for word in context["texts"][1][1] if word.tint == "pos5"] == ["a"]
    assert context["cells"][0].left == "cat"
    assert "words" in context["alt"]["links"]


def test_two_images_have_no_captions_and_pictures_of_what_they_have(alike):
    pair = alike("image")
    context = pair_context(pair)
    assert context["texts"] == []
    assert context["cells"][0].left.startswith("1, ")
    assert context["alt"]["groups"] == ""
    bare = dataclasses.replace(pair, curves=(), margins=())
    assert set(pair_figures(bare)) == {"links", "matrix"}
