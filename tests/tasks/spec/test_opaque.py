"""The section opaque refuses what its scorer does not read, and enters the run's id.

Proves tasks.planning.opaque_checks.
"""

import pytest
from pydantic import ValidationError

from ilime_core.opaque.scorers import SCORERS
from tasks.planning.opaque_checks import opaque_digest
from tasks.spec import ExplainParameters, OpaqueParameters
from tasks.spec.core_options import pair_options, pair_rng
from tasks.spec.estimator_kinds import item_estimators, pair_estimators

SPEC = {
    "corpus": {"annotations": "a.json", "images": "images"},
    "model": {"name": "conse"},
    "output": "out",
    "estimators": ["grid", "banzhaf", "linear_lime"],
}


FACTORY = {"plugin": "package:make"}


def spec(**opaque):
    return ExplainParameters.model_validate(SPEC | {"opaque": opaque})


@pytest.mark.parametrize(
    "section",
    [
        {"scorer": "cosine", "scale": 10.0},
        {"scorer": "cosine", "image_masks": 32},
        {"scorer": "softmax", "bias": 1.0},
        {"scorer": "sigmoid", "candidates": 3},
        {"scorer": "sigmoid", "checkpoint": "weights.safetensors"},
        {"scorer": "cross_encoder", "factory": "package:make"},
        {"scorer": "plugin", "factory": "package:make", "scale": 1.0},
        {"scorer": "plugin"},
        {"candidates": 1},
        {"penalty": -1.0},
        {"penalty": "best"},
        {"regression": "lasso"},
    ],
    ids=str,
)
def test_what_the_scorer_does_not_read_is_refused(section):
    with pytest.raises(ValidationError):
        spec(**section)


def test_a_refusal_names_who_reads_the_field():
    with pytest.raises(ValidationError, match="only by sigmoid, softmax; leave it out"):
        spec(scorer="cosine", scale=10.0)


def test_read_outs_are_the_scorers_without_a_model():
    found = [
        name
        for name in SCORERS.names
        if OpaqueParameters(scorer=name, factory=FACTORY.get(name, "")).reads_embeddings
    ]
    assert found == ["cosine", "sigmoid", "softmax"]
    assert OpaqueParameters().reads_embeddings
    assert not OpaqueParameters(scorer="cross_encoder").reads_embeddings


def test_estimators_keep_the_order_of_the_spec():
    assert pair_estimators(spec()) == ("grid", "linear_lime")
    assert item_estimators(spec()) == ("banzhaf",)


@pytest.mark.parametrize(
    ("field", "value"),
    [("rows", 500), ("penalty", 0.5), ("kernel", "product"), ("kernel_width", 0.5)],
)
def test_options_follow_the_section(field, value):
    assert getattr(pair_options(spec(**{field: value})), field) == value
    assert getattr(pair_options(spec()), field) != value


def test_a_lasso_takes_a_penalty_of_its_own():
    found = pair_options(spec(regression="lasso", penalty=0.001))
    assert (found.regression, found.penalty) == ("lasso", 0.001)
    assert pair_options(spec()).penalty == "auto"
    with pytest.raises(ValidationError, match="regression: lasso needs a number"):
        spec(regression="lasso")


@pytest.mark.parametrize(
    ("field", "option"),
    [("image_masks", "left_masks"), ("text_masks", "right_masks"), ("held_out", "held_out")],
)
def test_masks_of_a_scorer_are_its_own(field, option):
    assert getattr(pair_options(spec(scorer="cross_encoder", **{field: 10})), option) == 10


def test_the_probability_is_that_of_the_perturbation():
    changed = {"perturbation": {"design": "iid", "p": 0.7}}
    assert pair_options(ExplainParameters.model_validate(SPEC | changed)).p == 0.7


def test_runs_differ_by_section_and_scorer_and_not_by_the_place_of_weights():
    base = opaque_digest(spec(scorer="cross_encoder"), "f" * 64)
    moved = opaque_digest(spec(scorer="cross_encoder", checkpoint="elsewhere"), "f" * 64)
    assert moved == base
    assert opaque_digest(spec(scorer="cross_encoder"), "e" * 64) != base
    assert opaque_digest(spec(scorer="cross_encoder", rows=10), "f" * 64) != base
    assert opaque_digest(spec(), "") != base


def test_random_numbers_belong_to_seed_and_both_contents():
    first = pair_rng(0, "a", "b").random()
    assert first == pair_rng(0, "a", "b").random()
    assert len({first, pair_rng(1, "a", "b").random(), pair_rng(0, "b", "a").random()}) == 3
