"""Whose value of a metric is no achievement does not compete in it."""

import pytest

from tasks.stages.rank.contests import competes, is_contest


@pytest.mark.parametrize(
    ("estimator", "metric", "mode", "wanted"),
    [
        ("banzhaf", "stability_spearman", "seed", True),
        ("occlusion", "stability_spearman", "seed", False),
        ("grad_cam", "stability_pearson", "seed", False),
        ("occlusion", "stability_spearman", "noise", True),  # the picture moves, and so does what it does
        ("occlusion", "certainty", "none", False),
        ("occlusion", "insertion", "score", True),
        ("paired", "certainty", "none", True),
        ("banzhaf", "randomised_weights", "weights", False),
        ("banzhaf", "cost", "image_encodes", False),
        ("a plugin's own", "novelty", "none", True),
    ],
)
def test_who_competes(estimator, metric, mode, wanted):
    assert competes(estimator, metric, mode) is wanted


def test_checks_cost_and_what_belongs_to_the_model_are_no_contest():
    assert not is_contest("randomised_weights_pearson")
    assert not is_contest("share_cross")
    assert is_contest("insertion")
