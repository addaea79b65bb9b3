"""Lines of a prediction whose parts are known, and the load by clocks that are known."""

from types import SimpleNamespace

import pytest

from flows.actions import prediction
from flows.actions.prediction import Load, Prediction
from tasks.forecast.calibration import TowerSpeed
from tasks.forecast.largest_cost import Saving

PARTS = {"start": 5.0, "images": 60.0, "texts": 30.0, "report": 5.0}
TOWERS = {"images": TowerSpeed(0.01, 1.0), "texts": TowerSpeed(0.001, 0.0)}


def test_the_total_its_parts_and_the_largest_are_said():
    saving = Saving(("perturbation.max_image_masks=32",), 0.4)
    time_line, largest = Prediction(PARTS, TOWERS, saving=saving).lines()
    parts = "start 5 s, images 1:00, texts 30 s, report 5 s"
    assert time_line == ("time", f"about 1:40 with a report: {parts}, at 100 images/s and 1,000 texts/s")
    assert largest == (
        "largest cost",
        "images, 60% of the time; --set perturbation.max_image_masks=32 leaves 40% of it, 1:04 in all",
    )


def test_load_and_scores_that_are_not_timed_are_said():
    parts = {"start": 15.0, "images": 5.0}
    (_, said), (_, largest) = Prediction(parts, TOWERS, stretch=2.0, scores=1500).lines()
    assert "other work makes this machine 2.0 times slower; 1,500 scores of pairs are not timed" in said
    assert largest == "start, 75% of the time; no number of masks or pairs halves it"


@pytest.mark.parametrize(("processor", "stretch"), [(2.0, 3.0), (12.0, 1.0), (0.0, 1.0)])
def test_load_is_the_clock_over_the_processor_and_never_below_one(monkeypatch, processor, stretch):
    wall, used = iter([10.0, 16.0]), iter([1.0, 1.0 + processor])
    clocks = SimpleNamespace(perf_counter=lambda: next(wall), process_time=lambda: next(used))
    monkeypatch.setattr(prediction, "time", clocks)
    assert Load().stretch() == stretch
