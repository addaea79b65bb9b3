"""Every metric that is measured has a meaning, in the words of any run."""

import pytest

from ilime_core.faithfulness.measurement import Control
from ilime_core.faithfulness.metrics.randomised_weights import PASSES_BELOW
from ilime_core.faithfulness.registry import REPORTED
from tasks.report.leaderboard.metrics import CONTROLS, HEADLINES, meaning_of
from tasks.runs.sides import IMAGES_AND_IMAGES, IMAGES_AND_TEXTS, TEXTS_AND_TEXTS


def test_every_control_has_a_name():
    assert set(CONTROLS) == {str(control) for control in Control}


@pytest.mark.parametrize("sides", [IMAGES_AND_TEXTS, IMAGES_AND_IMAGES, TEXTS_AND_TEXTS])
def test_sentences_are_whole_for_any_sides(sides):
    for meaning in REPORTED.values():
        said = meaning.says.format(left=sides.left, right=sides.right)
        assert said.endswith(".")
        assert "{" not in said
        assert meaning.chance.endswith(".")
    told = REPORTED["r2_cross"].says.format(left=sides.left, right=sides.right)
    assert f"what {sides.left} and {sides.right} do" in told


def test_headlines_are_metrics_and_modes_that_stand_for_them():
    for metrics, mode in HEADLINES:
        for metric in metrics:
            assert not mode or mode in REPORTED[metric].modes


def test_the_sanity_check_names_its_bound():
    assert f"Below {PASSES_BELOW:g} it passes" in REPORTED["randomised_weights"].says


def test_an_unknown_metric_keeps_its_name():
    assert meaning_of("novelty_of_words").title == "novelty of words"
    assert meaning_of("aid").mode_name("mixed_difference") == "joint effect"
    assert meaning_of("certainty").mode_name("none") == ""
    assert meaning_of("average_drop").mode_name("top 25%") == "top 25%"
    assert meaning_of("randomised_weights").mode_name("weights") == ""
