"""Settings that halve the encodes of a part, by counts of the same corpus."""

from dataclasses import replace

import pytest
from tiny_benchmark import make_benchmark, merged

from tasks.forecast.largest_cost import halved
from tasks.planning.draft import draft_plan
from tasks.run_files.plan import ResolvedModel
from tasks.spec import ExplainParameters
from tasks.stages.measure.cost import resolved_faithfulness

MASKS = {
    "segmentation": {"image": {"n_segments": 24}},
    "perturbation": {"max_image_masks": 256, "held_out": {"image": 0, "text": 0}},
    "faithfulness": {"metrics": ["insertion_deletion"], "sample": 8},
}
MODEL = ResolvedModel(device="cpu", precision="float32", fingerprint="of no model")


@pytest.fixture
def drafted(tmp_path):
    corpus = make_benchmark(tmp_path / "corpus")

    def draft(**changes):
        spec = merged(merged(corpus.spec(tmp_path / "tables"), MASKS), changes)
        found = draft_plan(ExplainParameters.model_validate(spec), lambda _: MODEL)
        return replace(
            found,
            parameters=found.parameters.model_copy(update={"faithfulness": resolved_faithfulness(found)}),
        )

    return draft


def test_half_of_the_masks_is_half_of_the_images(drafted):
    saving = halved(drafted(estimators=["banzhaf"]), "images")
    assert saving.settings == ("perturbation.max_image_masks=128",)
    assert saving.share == pytest.approx(129 / 257)


def test_masks_stay_enough_to_regress_on_and_others_are_halved_instead(drafted):
    draft = drafted(
        estimators=["banzhaf"],
        perturbation={"max_image_masks": 64, "held_out": {"image": 192, "image_share": 1.0}},
    )
    assert halved(draft, "images").settings == ("perturbation.held_out.image=96",)


@pytest.mark.parametrize(("masks", "settings"), [(96, ("perturbation.max_image_masks=48",)), (94, None)])
def test_half_of_the_masks_are_twice_the_segments_at_least(drafted, masks, settings):
    saving = halved(
        drafted(estimators=["banzhaf"], perturbation={"design": "iid", "max_image_masks": masks}), "images"
    )
    assert (saving and saving.settings) == settings


def test_half_of_the_sample_is_half_of_measuring(drafted):
    saving = halved(drafted(), "measure")
    assert saving.settings == ("faithfulness.sample=4",)
    assert 0.4 < saving.share <= 0.75


def test_a_part_that_no_setting_spares_has_none(drafted):
    assert halved(drafted(), "report") is None
