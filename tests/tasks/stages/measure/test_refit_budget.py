"""What explaining again costs at most, counted by hand."""

import pytest

from ilime_core.perturbation.coalitions import MaskRequest
from ilime_core.records import Modality
from tasks.spec.mask_draws import MaskDraw
from tasks.spec.refits import RefitParameters
from tasks.stages.measure.refit_budget import most_refit_encodes

PARAMETERS = RefitParameters(seeds=3, noise_draws=2, sensitivity_draws=4, random_models=5)


def draw(modality=Modality.IMAGE, n_masks=32, **further):
    return MaskDraw(modality, 0, MaskRequest("foldover", n_masks), 64, 1.0, **further)


@pytest.mark.parametrize(
    ("names", "most"),
    [
        (["stability"], 3 * 33 + 2 * 34),
        (["max_sensitivity"], 4 * 34),
        (["randomised_weights"], 5 * 34),
        (["consistency"], 34),
        (["insertion_deletion"], 0),
        (["consistency", "consistency", "aid", "max_sensitivity"], 34 + 4 * 34),
    ],
)
def test_masks_with_the_empty_and_where_it_changes_the_whole_item(names, most):
    # One block of 2 * 16 rows; held-out masks are not encoded again.
    assert most_refit_encodes(PARAMETERS, names, draw(), n_segments=9) == most


def test_noise_does_not_reach_texts():
    text = draw(Modality.TEXT)
    assert most_refit_encodes(PARAMETERS, ["stability", "max_sensitivity"], text, 9) == 3 * 33
    assert most_refit_encodes(PARAMETERS, ["randomised_weights"], text, 9) == 5 * 34


def test_other_masks_of_an_item_with_all_coalitions_are_the_same():
    assert most_refit_encodes(PARAMETERS, ["stability"], draw(), n_segments=4) == 2 * 16
    assert most_refit_encodes(PARAMETERS, ["stability"], draw(Modality.TEXT), n_segments=4) == 0
    assert most_refit_encodes(PARAMETERS, ["stability"], draw(), n_segments=0) == 0


def test_looking_into_the_model_costs_where_it_or_the_picture_changes():
    # Two a segment and one: 2 * 9 + 1.
    inside = draw(white_box=("cross_gradient", "grad_cam"))
    assert most_refit_encodes(PARAMETERS, ["stability"], inside, 9) == 3 * 33 + 2 * (34 + 19)
