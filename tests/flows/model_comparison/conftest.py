"""Runs of one corpus by two models whose difference is known: the second knows no word of a colour."""

import pytest
from tiny_benchmark import explain, make_benchmark, run_of

from tasks.model_comparison.compare import compare_runs

LEAN = {
    "estimators": ["banzhaf"],
    "faithfulness": {"sample": 0},
    "pairs": {"retrieved": 0, "errors": True},
    "perturbation": {"max_image_masks": 64, "max_text_masks": 64, "held_out": {"image": 0, "text": 0}},
    "blocks": {"image_encodes": 2_000, "text_encodes": 2_000, "image_batch": 32, "text_batch": 32},
}


@pytest.fixture(scope="session")
def twelve(tmp_path_factory):
    """Twelve pictures with two captions each: enough for p-values."""
    return make_benchmark(tmp_path_factory.mktemp("twelve") / "corpus", 12)


@pytest.fixture(scope="session")
def explained(twelve, tmp_path_factory):
    """Explain the twelve with changes of the spec; the run."""

    def run(name, output=None, **changes):
        root = output or tmp_path_factory.mktemp(name)
        outcome = explain(twelve.spec(root, label=name, **LEAN | changes))
        assert outcome.finished, outcome.failures
        return run_of(outcome)

    return run


@pytest.fixture(scope="session")
def before(explained):
    return explained("before")


@pytest.fixture(scope="session")
def colourless(explained):
    return explained("after", model={"factory": "planted_plugin:colourless"})


@pytest.fixture(scope="session")
def compared(before, colourless):
    return compare_runs(before, colourless)
