"""Pairs in memory: every item is encoded once, and W is what the definition says.

Proves ilime_core.explaining.contents, ilime_core.explaining.cut_item, ilime_core.explaining.encode_items,
ilime_core.explaining.explanation, ilime_core.explaining.items, ilime_core.explaining.mask_requests,
ilime_core.explaining.options and ilime_core.encoders.text_cut.
"""

from itertools import product

import numpy as np
import planted_plugin
import pytest
import torch
from tiny_benchmark import picture

from ilime_core.effects.registry import FitOptions
from ilime_core.errors import InputError
from ilime_core.explaining.contents import read_content
from ilime_core.explaining.items import explain_items
from ilime_core.explaining.options import ExplainOptions
from ilime_core.explaining.pairs import explain_pair, explain_pairs, fit_item_pair

ALL = ExplainOptions(
    segmenter="grid",
    n_segments=4,
    max_image_masks=16,
    max_text_masks=16,
    held_out_image_masks=0,
    image_batch=1,
    text_batch=1,
)
"""Every coalition of four regions and of up to four words is encoded, in batches without padding."""


@pytest.fixture
def encoder():
    planted_plugin.rows.update(image=0, text=0)
    return planted_plugin.make("cpu", "float32")


def score_of(encoder, text, kept):
    words = text.split()
    written = " ".join(word for word, keep in zip(words, kept, strict=True) if keep)
    return encoder.text.encode(encoder.text.tokenise([written]))[0].numpy()


def test_the_matrix_of_two_texts_is_banzhafs(encoder):
    left, right = "red circle on blue", "a blue square"
    found = explain_pair(encoder, left, right, ALL)
    assert (found.left.words, found.right.words) == (tuple(left.split()), tuple(right.split()))
    effects = []
    for text in (left, right):
        n = len(text.split())
        rows = np.array(list(product([False, True], repeat=n)))
        values = np.stack([score_of(encoder, text, row) for row in rows]).astype(np.float64)
        effects.append(np.stack([values[rows[:, i]].mean(0) - values[~rows[:, i]].mean(0) for i in range(n)]))
    assert found.weights == pytest.approx(effects[0] @ effects[1].T, abs=1e-6)
    assert found.standard_errors.tolist() == np.zeros((4, 3)).tolist()  # all coalitions: nothing was drawn
    assert np.isnan(found.p_values).all()
    assert found.fit.f_full == pytest.approx(
        float(score_of(encoder, left, [True] * 4) @ score_of(encoder, right, [True] * 3)), abs=1e-6
    )
    product_of_factors = (
        found.factors.left_vectors.T * found.factors.strengths
    ) @ found.factors.right_vectors
    assert product_of_factors == pytest.approx(found.weights, abs=1e-6)


def test_every_item_is_encoded_once(encoder):
    images = [picture(number)[0] for number in (0, 1)]
    texts = ["red circle", "blue square"]
    pairs = [(image, text) for image in images for text in texts]
    found = explain_pairs(encoder, [*pairs, (images[0], images[1])], ALL)
    assert planted_plugin.rows == {"image": 2 * 2**4, "text": 2 * 2**2}
    assert found[0].left is found[1].left is found[4].left
    assert [one.weights.shape for one in found] == [(4, 2)] * 4 + [(4, 4)]
    assert [one.left.n_encodes for one in found] == [16] * 5


def test_an_array_is_the_picture_that_it_holds(encoder):
    image = picture(3)[0]
    of_image, of_array = explain_items(encoder, [image, np.asarray(image)], ALL)
    assert of_image is of_array
    assert of_image.label_map.shape == (44, 60)
    assert sorted(set(of_image.label_map.ravel().tolist())) == [0, 1, 2, 3]


def test_a_file_has_the_numbers_of_its_bytes(encoder, tmp_path):
    options = ExplainOptions(segmenter="grid", n_segments=25, max_image_masks=64)
    image = picture(3)[0]
    paths = [tmp_path / name for name in ("a.png", "b.png", "c.bmp")]
    for path in paths:
        image.save(path)
    first, copy, other = (explain_pair(encoder, path, "red circle", options) for path in paths)
    assert first.left.sha256 == copy.left.sha256 != other.left.sha256
    assert np.array_equal(first.weights, copy.weights)
    assert not np.array_equal(first.weights, other.weights)  # other masks


@pytest.mark.parametrize(
    ("change", "moves"),
    [
        ({"seed": 1}, True),
        ({"image_baseline": "noise"}, True),
        ({"max_image_masks": 128}, True),
        ({"segmenter": "slic"}, True),
        ({"estimators": ("product_shapley",)}, True),
        ({"held_out_image_masks": 0}, False),
        ({"image_batch": 5}, False),
        ({"max_image_masks": 128, "fit": FitOptions(refine="gls")}, True),
    ],
)
def test_settings_move_what_they_should(encoder, change, moves):
    base = {"segmenter": "grid", "n_segments": 25, "max_image_masks": 64}
    image = picture(2)[0]
    one, other = (
        explain_pair(encoder, image, "red circle", ExplainOptions(**settings))
        for settings in (base, base | change)
    )
    same = one.weights.shape == other.weights.shape and np.allclose(
        one.weights, other.weights, rtol=0, atol=1e-7
    )
    assert same is not moves


def test_fresh_masks_are_asked_for(encoder):
    image = picture(2)[0]
    base = {"segmenter": "grid", "n_segments": 25, "max_image_masks": 64}
    held, none = (
        explain_pair(encoder, image, "red circle", ExplainOptions(**base, held_out_image_masks=n)).fit
        for n in (64, 0)
    )
    assert 0.5 < held.r2_cross_held_out <= 1
    assert np.isnan(none.r2_cross_held_out)


def test_estimators_share_the_encodes(encoder):
    options = ExplainOptions(("banzhaf", "occlusion"), "grid", 25, max_image_masks=64)
    image, text = explain_items(encoder, [picture(2)[0], "red circle"], options)
    first, second = (fit_item_pair(image, text, options, name) for name in (None, "occlusion"))
    assert (first.estimator, second.estimator) == options.estimators
    view = image.view.pixels
    without = image.effects["occlusion"].full - image.effects["occlusion"].effects[0]
    removed = image.segments.labels == 0
    mean = view[removed].mean(axis=0)
    by_hand = view.copy()
    by_hand[removed] = np.round(mean).astype(np.uint8)
    told = encoder.image.encode(torch.from_numpy(by_hand).permute(2, 0, 1)[None] / 255)[0]
    assert without.numpy() == pytest.approx(told.numpy(), abs=1e-3)


@pytest.mark.parametrize(
    ("item", "says"),
    [
        (np.zeros((4, 4)), r"shape \(height, width, 3\) and the type uint8, got \(4, 4\) of float64"),
        (3, "got a int"),
    ],
)
def test_what_is_no_item_is_said(item, says):
    with pytest.raises(InputError, match=says):
        read_content(item)


def test_a_text_without_words_is_said(encoder):
    with pytest.raises(InputError, match=r"the text '\?!' has no word that the model sees"):
        explain_pair(encoder, picture(0)[0], "?!")


def test_files_that_are_no_images_are_named(encoder, tmp_path):
    (tmp_path / "a.png").write_text("no picture")
    with pytest.raises(InputError, match=r"a\.png: not an image of a known format"):
        explain_pair(encoder, tmp_path / "a.png", "a")
    with pytest.raises(InputError, match=r"b\.png: cannot be read \(No such file"):
        explain_pair(encoder, tmp_path / "b.png", "a")


@pytest.mark.parametrize(
    ("names", "says"),
    [
        ((), "at least one estimator"),
        (("banzaf",), "did you mean 'banzhaf'"),
        (("grid",), "no estimator of items"),
    ],
)
def test_estimators_have_to_explain_items(names, says):
    with pytest.raises(InputError, match=says):
        ExplainOptions(names)


def test_regions_cannot_be_given(encoder):
    with pytest.raises(InputError, match="choose another segmenter"):
        explain_pair(encoder, picture(0)[0], "a", ExplainOptions(segmenter="given"))
    image, text = explain_items(encoder, [picture(0)[0], "a"], ALL)
    with pytest.raises(InputError, match="read label_map"):
        _ = image.words
    with pytest.raises(InputError, match="read words"):
        _ = text.label_map


def test_a_pair_of_posterior_means_says_what_these_explain(encoder):
    base = {"segmenter": "grid", "n_segments": 9, "max_image_masks": 128}
    unbiased, means = (
        explain_pair(
            encoder, picture(2)[0], "red circle", ExplainOptions(**base, fit=FitOptions(refine=refine))
        )
        for refine in ("gls", "posterior")
    )
    assert np.abs(means.weights).sum() < np.abs(unbiased.weights).sum()
    # |W|^2 over 16 times the cross variance, with the posterior variances for the ceiling.
    for name, wanted in (
        ("r2_cross", (means.weights**2).sum()),
        ("r2_cross_ceiling", (means.weights**2).sum() + means.fit.sum_squared_error),
    ):
        cross = (unbiased.weights**2).sum() - 2 * unbiased.fit.sum_squared_error
        ratio = getattr(means.fit, name) / unbiased.fit.r2_cross
        assert ratio == pytest.approx(wanted / cross, rel=1e-4)


@pytest.mark.parametrize(
    ("change", "named"),
    [({"design": "iid"}, "design: foldover, got iid"), ({"estimators": ("occlusion",)}, "estimator banzhaf")],
)
def test_a_refinement_needs_rows_that_are_refined(change, named):
    with pytest.raises(InputError, match=named):
        ExplainOptions(fit=FitOptions(refine="gls"), **change)
