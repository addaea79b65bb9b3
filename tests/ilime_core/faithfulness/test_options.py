import pytest

from ilime_core.errors import InputError
from ilime_core.faithfulness.measurement import Side
from ilime_core.faithfulness.options import MetricOptions


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"steps": 1}, "at least 2, got 1 and 20"),
        ({"n_random": 1}, "at least 2, got 50 and 1"),
        ({"sides": ()}, r"sides must be named, each once, got \[\]"),
        ({"sides": (Side.LEFT, Side.LEFT)}, r"each once, got \['left', 'left'\]"),
        ({"probabilities": (0.5, 1.0)}, r"inside \(0, 1\), got \[0.5, 1.0\]"),
        ({"probabilities": (0.0,)}, r"inside \(0, 1\), got \[0.0\]"),
        ({"n_coalitions": 1}, "n_coalitions must be at least 2, got 1"),
    ],
)
def test_impossible_settings_are_refused(settings, message):
    with pytest.raises(InputError, match=message):
        MetricOptions(**settings)


def test_the_smallest_possible_settings_are_taken():
    options = MetricOptions(steps=2, n_random=2, sides=(Side.RIGHT,), probabilities=(0.01,), n_coalitions=2)
    assert options.steps == options.n_random == options.n_coalitions == 2
