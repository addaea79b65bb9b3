"""What is drawn is what is meant: read back from the pixels.

Proves tasks.figures.canvas, tasks.figures.caption, tasks.figures.choice, tasks.figures.colours,
tasks.figures.factors, tasks.figures.lettering,
tasks.figures.margins, tasks.figures.matrix, tasks.figures.pair_figure, tasks.figures.photo,
ilime_core.pictures.places, tasks.figures.word_heats.
"""

import dataclasses
import io
import warnings

import numpy as np
import pytest
from PIL import Image

from ilime_core.pictures.places import anchor_points, place_name
from tasks.figures.canvas import Box, axes_in, new_figure, png_bytes, webp_bytes
from tasks.figures.choice import shown_regions, strong_words
from tasks.figures.colours import STEPS, colour_of, heat, step_of, symmetric_limit
from tasks.figures.factors import draw_factors
from tasks.figures.lettering import MISSING, drawable, is_right_to_left
from tasks.figures.margin_pictures import Remainders
from tasks.figures.margins import draw_margin, margin_warning
from tasks.figures.matrix import draw_matrix
from tasks.figures.pair_figure import pair_figure
from tasks.figures.pair_picture import read_pair
from tasks.figures.photo import draw_heat
from tasks.figures.word_heats import draw_word_heats, word_sentence


def drawn_by(draw, shown):
    figure = new_figure(11.0, 4.7)
    draw(figure, Box(0.1, 0.1, 10.8, 4.5), shown)
    return figure


def pixels(figure):
    return np.asarray(Image.open(io.BytesIO(png_bytes(figure))).convert("RGB")).astype(int)


def test_a_strong_region_is_red_where_it_is_and_nowhere_else(pictured):
    pair = read_pair(pictured.run, pictured.good)
    figure = new_figure(8.0, 6.0)
    draw_heat(figure, Box(0, 0, 8.0, 6.0), pair.image, pair.weights[:, 1], 0.5)
    drawn = pixels(figure)
    red = drawn[..., 0] - drawn[..., 2] > 60
    height, width = red.shape
    inside = np.zeros_like(red)
    inside[height // 2 :, width * 50 // 80 :] = True
    assert red[inside].mean() > 0.97
    assert red[~inside].mean() < 0.01


def test_the_sign_decides_the_colour_and_the_size_its_depth():
    photo, labels = np.full((2, 4, 3), 128, np.uint8), np.array([[0, 1, 2, -1]] * 2)
    drawn = heat(photo, labels, np.array([1.0, -1.0, 0.25]), 1.0).astype(int)[0]
    assert drawn[0, 0] - drawn[0, 2] > 60
    assert drawn[1, 2] - drawn[1, 0] > 60
    assert 0 < drawn[2, 0] - drawn[2, 2] < drawn[0, 0] - drawn[0, 2]
    assert drawn[3].max() < 64  # not seen


def test_the_scale_is_symmetric_about_zero():
    assert symmetric_limit(np.array([0.1, -0.7]), np.array([np.nan, 0.3])) == pytest.approx(0.7)
    assert symmetric_limit(np.zeros(3)) == 1.0
    assert np.ptp(colour_of(0.0, 1.0)) < 0.01
    assert [step_of(value, 2.0) for value in (-2, -1, 0, 1, 2, 9)] == [-STEPS, -2, 0, 2, STEPS, STEPS]


def test_the_matrix_shows_the_planted_cell_darkest_at_the_top(pictured):
    pair = read_pair(pictured.run, pictured.good)
    assert shown_regions(pair)[0] == 3
    assert strong_words(pair)[0] == 1
    axes = next(
        axes
        for axes in drawn_by(draw_matrix, pair).axes
        if axes.images and axes.get_ylabel() == "" and axes.images[0].get_array().ndim == 2
    )
    low, high = axes.images[0].get_clim()
    assert low == -high
    assert high == pytest.approx(0.5)
    assert np.argmax(axes.images[0].get_array()) == 1


def test_the_sentence_of_a_word_says_where(pictured):
    pair = read_pair(pictured.run, pictured.good)
    assert word_sentence(pair, 1) == "+0.5000 \N{PLUS-MINUS SIGN} 0.0200, lower right"


@pytest.mark.parametrize(
    ("x", "y", "name"),
    [(0.1, 0.1, "upper left"), (0.5, 0.5, "centre"), (0.9, 0.5, "right centre"), (0.5, 0.9, "lower centre")],
)
def test_places_have_names(x, y, name):
    assert place_name(x, y) == name


def test_a_number_stands_on_its_own_region():
    labels = np.zeros((9, 9), int)
    labels[1:8, 1:8] = 1
    labels[2:7, 2:7] = 0  # region 1 is a ring: its centre of mass is not its own
    points = anchor_points(labels, 3)
    assert [labels[y, x] for x, y in points[:2]] == [0, 1]
    assert points[2].tolist() == [-1, -1]


def test_any_script_is_drawn_without_warnings_or_mathematics(pictured):
    pair = read_pair(pictured.run, pictured.wrong)
    words = pair.text.caption + " $\\frac$ \U0001f9d1\u200d\U0001f680 \x1b[31m\u202e \ue000 漢字"
    strange = dataclasses.replace(pair, right=dataclasses.replace(pair.text, caption=words))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert pair_figure(strange).startswith(b"\x89PNG")
        axes_in(new_figure(1, 1), Box(0, 0, 1, 1))
    assert drawable("a\x1bb\u202e") == f"a{MISSING}b{MISSING}"
    assert drawable("e\ufe0fé$") == "eé$"
    assert is_right_to_left(pair.text.caption)
    assert not is_right_to_left("12 cats")


def test_equal_pairs_give_equal_bytes_and_other_weights_others(pictured):
    first, again = (read_pair(pictured.run, pictured.good) for _ in range(2))
    assert pair_figure(first) == pair_figure(again)
    other = dataclasses.replace(first, weights=-first.weights)
    assert pair_figure(other) != pair_figure(first)


@pytest.mark.parametrize("draw", [draw_matrix, draw_word_heats, draw_factors])
def test_every_picture_of_a_pair_has_ink(pictured, draw):
    assert (pixels(drawn_by(draw, read_pair(pictured.run, pictured.good))) < 200).any(axis=2).mean() > 0.01


def test_a_margin_is_drawn_on_one_scale(pictured):
    (margin,) = read_pair(pictured.run, pictured.wrong).margins
    drawn = pixels(drawn_by(draw_margin, margin))
    blue = drawn[..., 2] - drawn[..., 0] > 60
    assert blue.mean() > 0.005
    assert webp_bytes(drawn_by(draw_margin, margin)) == webp_bytes(drawn_by(draw_margin, margin))


ONE_SIDE = (
    "Segments leave out more than the margin: those of the query leave out +0.150. Those segments do not say "
    "why it is so."
)
BOTH_SIDES = (
    "Segments leave out more than the margin: those of the query leave out -0.200 and those of the "
    "candidates leave out -0.110. The segments do not say why it is so."
)


@pytest.mark.parametrize(
    ("remainders", "told"),
    [((0.15, 0.02), ONE_SIDE), ((-0.2, -0.11), BOTH_SIDES), ((0.1, -0.1), ""), ((None, None), "")],
)
def test_a_story_of_an_error_says_where_its_segments_do_not_tell_it(pictured, remainders, told):
    (margin,) = read_pair(pictured.run, pictured.wrong).margins
    margin = dataclasses.replace(margin, remainders=Remainders(*remainders))
    assert margin_warning(margin) == told
    texts = {text.get_text() for axes in drawn_by(draw_margin, margin).axes for text in axes.texts}
    assert told in texts
