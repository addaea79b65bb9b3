"""Code points of a caption become its words: spans are half open, so what only touches names nothing."""

import numpy as np
import pytest

from ilime_core.records import TextSegments, ViewGeometry
from tasks.corpora.regions.named_spans import PixelBox
from tasks.stages.measure.pair_truths import _of_pair, _View
from tasks.truth.truth import TruePart

CAPTION = "tabby-cat sat"
WORDS = TextSegments(CAPTION, starts=(0, 5, 6, 10), ends=(5, 6, 9, 13), truncated=(False, False, False, True))
VIEW = _View(np.array([[0, 1]]), 2, ViewGeometry(2, 1, 2, 1, left=0.0, top=0.0, scale_x=1.0, scale_y=1.0))


@pytest.mark.parametrize(
    ("span", "words"),
    [
        ((0, 5), (0,)),
        ((5, 6), (1,)),
        ((6, 9), (2,)),
        ((6, 10), (2,)),  # with the blank behind it
        ((0, 9), (0, 1, 2)),
        ((4, 6), (0, 1)),
        ((7, 8), (2,)),
        ((9, 10), None),
        ((10, 13), None),  # beyond the model's context
    ],
)
def test_words_belong_to_a_span_that_they_overlap(image, span, words):
    part = TruePart(*span, (PixelBox(1, 0, 1, 1),))
    truth = _of_pair(VIEW, WORDS, [part], image("1.jpg"))
    assert [one.words for one in truth.parts] == ([] if words is None else [words])
    assert truth.areas.tolist() == [0.5, 0.5]
    for one in truth.parts:
        assert (one.covered.tolist(), one.size) == ([0.0, 1.0], 0.5)


def test_a_part_without_code_points_is_shown_and_not_named(image):
    parts = [TruePart(0, 5, (PixelBox(0, 0, 1, 1),)), TruePart(5, 5, (PixelBox(1, 0, 1, 1),))]
    truth = _of_pair(VIEW, WORDS, parts, image("1.jpg"))
    assert [(one.words, one.covered.tolist()) for one in truth.parts] == [
        ((0,), [1.0, 0.0]),
        ((), [0.0, 1.0]),
    ]
