"""Whose value of a metric is no achievement does not compete in it."""

import pytest

from ilime_core.faithfulness.registry import REPORTED
from tasks.stages.rank.contests import competes


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
    contests = {name for name, value in REPORTED.items() if value.is_contest}
    assert REPORTED.keys() - contests == {
        "randomised_weights",
        "randomised_weights_pearson",
        "share_cross",
        "r2_cross_ceiling",
        "incompleteness",
        "cost",
    }
