"""Every setting of a single estimator reaches the rows that are drawn or the options of the fit.

Proves tasks.spec.core_options, tasks.spec.mask_draws.
"""

import numpy as np
import pytest

from ilime_core.effects.registry import FitOptions, row_sets
from ilime_core.perturbation.windows import nearest_words
from ilime_core.records import Modality
from tasks.spec import ExplainParameters
from tasks.spec.core_options import design_probability, fit_options
from tasks.spec.mask_draws import MaskDraw

EVERY = [
    "banzhaf",
    "weighted_banzhaf",
    "occlusion",
    "sliding_block_occlusion",
    "faith_shap",
    "shapley_taylor",
    "search_lime",
]


def parameters(estimators=EVERY, **sections):
    places = {"annotations": "a.json", "images": "i"}
    return ExplainParameters.model_validate(
        {"corpus": places, "model": {"name": "conse"}, "output": "o", "estimators": estimators, **sections}
    )


def requests(modality, **estimation):
    return row_sets(EVERY, fit_options(parameters(estimation=estimation)), modality)


def test_each_set_is_asked_for_once_and_only_by_those_who_need_it():
    assert list(requests(Modality.IMAGE)) == ["weighted", "leave_one_out", "quadrature", "windows"]
    assert MaskDraw.of(Modality.IMAGE, parameters(["banzhaf", "search_lime"])).request.further == {}


@pytest.mark.parametrize(
    ("field", "value", "rows", "attribute"),
    [
        ("weighted_p", 0.6, "weighted", "p"),
        ("weighted_image_masks", 99, "weighted", "n_masks"),
        ("quadrature_image_masks", 77, "quadrature", "n_masks"),
        ("quadrature_nodes", 6, "quadrature", "nodes"),
        ("block_segments", 3, "windows", "block_segments"),
    ],
)
def test_settings_reach_the_rows_of_images(field, value, rows, attribute):
    assert getattr(requests(Modality.IMAGE, **{field: value})[rows], attribute) == value
    assert getattr(requests(Modality.IMAGE)[rows], attribute) != value


@pytest.mark.parametrize(("name", "rows"), [("weighted", "weighted"), ("quadrature", "quadrature")])
def test_texts_have_masks_of_their_own_number(name, rows):
    changed = requests(Modality.TEXT, **{f"{name}_text_masks": 33, f"{name}_image_masks": 44})
    assert changed[rows].n_masks == 33


def test_settings_reach_the_fit():
    assert fit_options(parameters()) == FitOptions()
    changed = parameters(
        perturbation={"ridge": 0.5, "kernel_width": 0.7},
        estimation={
            "weighted_p": 0.6,
            "quadrature_nodes": 5,
            "lime_kernel_width": 0.3,
            "lime_penalty": 2.0,
        },
    )
    assert fit_options(parameters(estimation={"refine": "gls"})) == FitOptions(refine="gls")
    assert fit_options(changed) == FitOptions(
        ridge=0.5,
        kernel_width=0.7,
        weighted_p=0.6,
        quadrature_nodes=5,
        lime_kernel_width=0.3,
        lime_penalty=2.0,
    )


@pytest.mark.parametrize(
    "field", [{"quadrature_nodes": 1}, {"quadrature_nodes": 17}, {"lime_penalty": -1}, {"block_segments": 0}]
)
def test_impossible_settings_are_refused(field):
    with pytest.raises(ValueError, match=next(iter(field))):
        parameters(estimation=field)


def test_fidelity_is_told_at_the_probability_of_an_estimators_own_rows():
    given = parameters(perturbation={"design": "iid", "p": 0.7}, estimation={"weighted_p": 0.9})
    laws = {name: design_probability(name, given) for name in ("banzhaf", "weighted_banzhaf", "faith_shap")}
    assert laws == {"banzhaf": 0.7, "weighted_banzhaf": 0.9, "faith_shap": None}
    for change in ({"ridge": 0.1}, {"kernel_width": 0.5}):
        assert design_probability("banzhaf", parameters(perturbation=change)) is None


@pytest.mark.parametrize("name", ["product_shapley", "kernel_shap"])
def test_both_shapley_methods_ask_for_the_shapley_rows(name):
    assert MaskDraw.of(Modality.IMAGE, parameters([name])).request.shapley_masks == 128
    assert MaskDraw.of(Modality.IMAGE, parameters(["banzhaf"])).request.shapley_masks == 0


def test_windows_are_bounded_before_an_image_is_cut():
    draw = MaskDraw.of(Modality.IMAGE, parameters(["sliding_block_occlusion"]))
    ring = np.add.outer(np.arange(49), np.arange(49)) % 49
    unknown, alike, apart = (draw.draw("00", 49, near) for near in (None, nearest_words(49), ring))
    assert draw.is_placed
    assert unknown.n_encodes == alike.n_encodes
    assert alike.n_encodes < apart.n_encodes <= unknown.n_encodes_at_most
    assert unknown.n_encodes_at_most == alike.n_encodes_at_most
    few = draw.draw("00", 8)
    assert few.sets.enumerated
    assert few.n_encodes_at_most == few.n_encodes
    assert not MaskDraw.of(Modality.IMAGE, parameters(["occlusion"])).is_placed
