"""Which cells are linked, what the groups of a factor are, and that both are drawn where they belong.

Proves tasks.figures.links, tasks.figures.alike.alike_figure, tasks.figures.alike.alike_matrix,
tasks.figures.alike.groups, tasks.figures.alike.link_items, tasks.figures.alike.link_lines.
"""

import dataclasses
import io

import numpy as np
import pytest
from every import every
from PIL import Image

from ilime_core.errors import InputError
from ilime_core.interactions.significance import two_sided_p_values
from ilime_core.pictures.places import RegionPlace
from tasks.figures.alike.groups import matched_groups
from tasks.figures.alike.link_items import in_colours
from tasks.figures.colours import MATCHED, heat, shade_to
from tasks.figures.item_pictures import ImagePicture, TextPicture, Word
from tasks.figures.joint_share import JointShare
from tasks.figures.links import LINKS, segment_names, strong_links
from tasks.figures.pair_figure import pair_figure, pair_sentences
from tasks.figures.pair_picture import FactorPicture, PairPicture


def image(rows, columns, width=80, height=60, name="a.png"):
    labels = np.arange(rows * columns).reshape(rows, columns)
    labels = np.kron(labels, np.ones((height // rows, width // columns), int))
    photo = np.full((*labels.shape, 3), 128, np.uint8)
    places = (RegionPlace("centre", (0, 0, width, height), 1.0),) * (rows * columns)
    return ImagePicture(name, name, photo, labels, places, seen=1.0, problem="")


def text(caption):
    words, place = [], 0
    for word in caption.split():
        start = caption.index(word, place)
        words.append(Word(start, start + len(word), word))
        place = start + len(word)
    return TextPicture(caption, caption, tuple(words), 0)


def pair_of(left, right, weights, errors=None):
    weights = np.asarray(weights, float)
    u, s, v = np.linalg.svd(weights, full_matrices=False)
    flip = np.where(u.sum(0) + v.sum(1) < 0, -1, 1)
    share = s**2 / max((s**2).sum(), 1e-12)
    factors = tuple(
        FactorPicture(k + 1, float(s[k]), float(share[k]), 1.0, u[:, k] * flip[k], v[k] * flip[k])
        for k in range(len(s))
    )
    errors = np.full(weights.shape, 0.01) if errors is None else np.asarray(errors, float)
    p_values = two_sided_p_values(weights, errors, np.full(errors.shape, 60.0))
    kind = {"relation": "positive", "is_positive": True, "is_error": False, "score": 0.5}
    joint = JointShare(0.4, None, 0.5, 0.2)
    fit = {"joint": joint, "split_half_error": None, "sampled": (None, None), "curves": (), "margins": ()}
    return PairPicture(
        "p1", "banzhaf", **kind, **fit, rank_of_right=1, rank_of_left=2, left=left, right=right,
        weights=weights, errors=errors, p_values=p_values,
        left_effect=weights.sum(1), right_effect=weights.sum(0),
        factors=factors,
    )  # fmt: skip


def test_why_no_cell_is_tested_is_said_of_the_estimator():
    pair = pair_of(image(1, 2), image(1, 3), np.ones((2, 3)))
    assert pair.untested == ""
    unknown = dataclasses.replace(pair, p_values=np.full((2, 3), np.nan))
    assert unknown.untested == "no standard errors"
    stacked = dataclasses.replace(unknown, estimator="faith_shap")
    assert stacked.untested == "standard errors leave out the error of the quadrature: no cell is tested"


def test_links_are_the_largest_clear_cells_in_order():
    weights = np.array([[0.5, 0.0, 0.3], [0.1, -0.4, 0.0]])
    pair = pair_of(image(1, 2), image(1, 3), weights)
    links = strong_links(pair)
    assert [(one.left, one.right, one.weight) for one in links] == [
        (0, 0, 0.5), (1, 1, -0.4), (0, 2, 0.3), (1, 0, 0.1),
    ]  # fmt: skip
    assert [one.colour for one in links] == list(MATCHED[:4])
    unsure = pair_of(pair.left, pair.right, weights, [[0.3, 1, 0.01], [0.01, 0.01, 1]])
    assert [(one.left, one.right) for one in strong_links(unsure)] == [(1, 1), (0, 2), (1, 0)]


def test_cells_without_errors_are_linked_and_tiny_ones_are_not():
    weights = np.array([[0.5, 0.07], [0.08, 0.0]])
    links = strong_links(pair_of(image(1, 2), image(1, 2), weights, np.full((2, 2), np.nan)))
    assert [(one.left, one.right) for one in links] == [(0, 0), (1, 0)]
    assert strong_links(pair_of(image(1, 2), image(1, 2), np.zeros((2, 2)))) == []


def test_a_segment_stands_in_two_links_at_most_and_there_are_six():
    weights = np.outer([5.0, 1, 1, 1], [5.0, 4, 3, 3])
    links = strong_links(pair_of(image(2, 2), image(2, 2), weights))
    assert sum(one.left == 0 for one in links) == 2
    assert sum(one.right == 0 for one in links) == 2
    many = strong_links(pair_of(image(4, 4), image(4, 4), np.eye(16)))
    assert len(many) == LINKS


def test_a_region_that_the_photograph_does_not_show_is_not_linked():
    left = image(1, 2)
    hidden = dataclasses.replace(left, labels=np.where(left.labels == 1, -1, left.labels))
    links = strong_links(pair_of(hidden, image(1, 2), [[0.2, 0.0], [0.0, 0.9]]))
    assert [(one.left, one.right) for one in links] == [(0, 0)]


def test_regions_are_named_as_in_the_tables_and_words_by_themselves():
    weights = np.zeros((4, 3))
    weights[2, 1], weights[0, 2] = 0.5, 0.4
    pair = pair_of(image(2, 2), image(1, 3), weights)
    names = segment_names(pair, strong_links(pair))
    assert [names[0].name_of(one) for one in (2, 0)] == ["2", "0"]
    assert [names[1].name_of(one) for one in (1, 2)] == ["1", "2"]
    words = segment_names(pair_of(text("a b c d"), text("e f g"), weights), [])
    assert words[0].names == ("a", "b", "c", "d")
    assert (words[1].kind, words[1].n_all) == ("words", 3)


def test_groups_take_a_factor_apart_by_sign():
    weights = np.zeros((4, 4))
    weights[:2, :2] = 0.6
    weights[2:, 2:] = 0.4  # two groups; the second factor of each has one sign only
    groups = matched_groups(pair_of(image(2, 2), image(2, 2), weights))
    assert [one.component for one in groups] == [1, 2]
    assert [one.left.round(2).tolist() for one in groups] == [[0.71, 0.71, 0, 0], [0, 0, 0.71, 0.71]]
    assert [one.energy for one in groups] == pytest.approx([1.44 / 2.08, 0.64 / 2.08])
    assert every(one.raises for one in groups)
    mixed = np.array([[1.0, -1.0], [-1.0, 1.0]])
    both = matched_groups(pair_of(image(1, 2), image(1, 2), mixed))
    assert [(one.component, one.raises) for one in both] == [(1, True), (1, True)]
    assert sum(one.energy for one in both) == pytest.approx(0.5)  # the other half lowers the score
    lowers = matched_groups(pair_of(image(1, 2), image(1, 2), -np.ones((2, 2))))
    assert [(one.raises, round(one.energy, 6)) for one in lowers] == [(False, 1.0)]


def test_a_linked_region_has_its_colour_and_no_other_has():
    drawn = in_colours(image(1, 2), {1: MATCHED[0]}).astype(int)
    blue = (np.abs(drawn - np.array(MATCHED[0]) * 255) < 2).all(axis=2)
    assert blue[:, 40:].any()
    assert not blue[:, :40].any()


def test_a_group_tints_what_belongs_to_it():
    photo, labels = np.full((2, 4, 3), 128, np.uint8), np.array([[0, 0, 1, 1]] * 2)
    drawn = heat(photo, labels, np.array([1.0, 0.0]), 1.0, shade_to(MATCHED[1])).astype(int)[0]
    assert drawn[0, 0] - drawn[0, 2] > 100
    assert np.ptp(drawn[3]) == 0
    assert shade_to((1.0, 0.0, 0.0))(0.5, 1.0) == (1.0, 0.5, 0.5)


def ink(picture):
    return (np.asarray(Image.open(io.BytesIO(picture)).convert("RGB")) < 200).any(axis=2).mean()


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (image(2, 2), image(3, 1, width=30, height=90)),
        (text("a red cat " + "word " * 40), text("שלום \N{CAT} $x^2$")),
    ],
    ids=["images", "texts"],
)
def test_the_picture_of_alike_items_has_ink(left, right):
    weights = np.random.default_rng(0).normal(size=(left.n_segments, right.n_segments))
    assert ink(pair_figure(pair_of(left, right, weights))) > 0.005


def test_a_sheet_follows_its_weights_and_says_whose_it_is():
    pair = pair_of(image(2, 2), image(2, 2, name="b.png"), np.eye(4))
    assert pair_figure(pair) != pair_figure(dataclasses.replace(pair, weights=-pair.weights))
    assert pair_sentences(pair)[1] == (
        "The candidate is number 1 among the query's candidates, the query number 2 among the candidate's."
    )
    with pytest.raises(InputError, match="no text on the right"):
        _ = pair.text
    with pytest.raises(InputError, match="two texts"):
        _ = pair_of(text("a b"), text("c d"), np.eye(2)).image
