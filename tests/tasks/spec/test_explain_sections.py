"""Which sections of a spec define a run, and which one is kept nowhere.

Proves tasks.spec.explain.
"""

import pytest
from pydantic import ValidationError

from tasks.spec import ExplainParameters, SpecFile

PLACE = "https://minio.example.org:9000"


def parameters(**changes):
    known = {"corpus": {"format": "folder", "images": "i"}, "model": {"name": "conse"}, "output": "o"}
    return ExplainParameters.model_validate(known | changes)


def test_access_to_stores_is_left_out_and_nothing_else():
    known = parameters(seed=3, label="mine")
    whole = SpecFile.model_validate(
        known.model_dump(exclude_unset=True) | {"storage": {"endpoint_url": PLACE}}
    )
    assert whole.storage.endpoint_url == PLACE
    kept = whole.spec()
    assert type(kept) is ExplainParameters
    assert kept == known
    assert kept.model_fields_set == known.model_fields_set
    with pytest.raises(ValidationError, match="storage"):
        parameters(storage={"endpoint_url": PLACE})


def test_sections_of_a_start_do_not_define_the_run():
    of_a_start = {
        "output": "elsewhere",
        "runner": {"name": "inline"},
        "faithfulness": {"sample": 7},
        "selection": {"sample": 9},
        "failures": {"tolerate": 0.5},
    }
    same = parameters().of_the_run()
    for name, section in of_a_start.items():
        assert name not in same
        assert parameters(**{name: section}).of_the_run() == same
    assert parameters(seed=1).of_the_run() != same
    assert set(same) | set(of_a_start) == set(ExplainParameters.model_fields)


def test_names_of_labels_go_with_label_maps():
    with pytest.raises(ValueError, match="label_names names the labels of label_maps, which is not given"):
        parameters(segmentation={"image": {"method": "given", "label_names": "names.tsv"}})


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"perturbation": {"design": "iid"}}, "refine: gls needs design: foldover, got iid"),
        ({"perturbation": {"ridge": 0.5}}, r"refine: gls needs ridge: 0 .* got ridge 0\.5"),
        ({"perturbation": {"kernel_width": 0.5}}, r"no kernel_width, got ridge 0 and kernel_width 0\.5"),
        ({"estimators": ["occlusion"]}, "refine: gls needs the estimator banzhaf, got occlusion"),
    ],
)
def test_a_refinement_needs_folded_rows_of_its_estimator(change, named):
    refined = {"estimation": {"refine": "gls"}}
    assert parameters(**refined).estimation.refine == "gls"
    assert parameters(**change).estimation.refine == "none"
    with pytest.raises(ValidationError, match=named):
        parameters(**refined, **change)
    with pytest.raises(ValidationError, match="refine"):
        parameters(estimation={"refine": "ridge"})


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (
            {"perturbation": {"design": "iid"}},
            "it takes design: foldover and no kernel_width, got iid and None",
        ),
        ({"perturbation": {"kernel_width": 0.5}}, r"no kernel_width, got foldover and 0\.5"),
        (
            {"perturbation": {"max_image_masks": 64}},
            "first_image_masks: 128 is more than max_image_masks: 64",
        ),
        ({"perturbation": {"max_text_masks": 16}}, "first_text_masks: 32 is more than max_text_masks: 16"),
        ({"estimators": ["occlusion"]}, "reads the standard errors of banzhaf: add it .* got occlusion"),
        (
            {"estimators": ["banzhaf", "kernel_shap"]},
            "does not grow the rows of product_shapley and kernel_shap",
        ),
    ],
)
def test_adaptive_budgets_need_folded_rows_and_errors(change, named):
    wanted = {"adaptive": {"standard_error": 0.02}}
    assert parameters(perturbation=wanted).perturbation.adaptive.standard_error == 0.02
    with pytest.raises(ValidationError, match=named):
        parameters(**(change | {"perturbation": wanted | change.get("perturbation", {})}))


def test_a_first_budget_alone_is_refused():
    with pytest.raises(ValidationError, match=r"adaptive is read with adaptive\.standard_error alone"):
        parameters(perturbation={"adaptive": {"first_image_masks": 64}})


def test_adaptive_budgets_enter_the_identity_only_where_they_are_asked_for():
    asked = parameters(perturbation={"adaptive": {"standard_error": 0.02}}).perturbation.identity()
    plain = parameters().perturbation.identity()
    assert asked.keys() - plain.keys() == {"adaptive"}
    assert plain == {name: value for name, value in asked.items() if name != "adaptive"}
