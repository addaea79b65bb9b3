"""The example of visual search: two photographs of a motorcycle are matched by the motorcycle."""

from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from flows.execution import execute
from tasks.corpora.demos.visual_search import materialise_demo_search
from tasks.figures.pair_picture import read_pairs
from tasks.runs.run import open_run
from tasks.spec.reading import load_parameters

SPEC = Path(__file__).parents[2] / "deployments" / "visual_search_demo.yaml"

# Boxes (x, y, width, height) around seat, tank, engine, exhaust, headlight, fork and both wheels of the left
# photograph, drawn by hand. They surround 48 % of what the model sees.
PARTS = (
    (148, 159, 210, 99), (318, 152, 164, 98), (332, 241, 148, 139), (169, 279, 308, 101),
    (505, 124, 59, 66), (430, 75, 130, 225), (122, 234, 158, 167), (512, 295, 172, 156),
)  # fmt: skip
DISPARITY = 44
"""The right camera sees the machine so many pixels farther left."""


def machine(width, height, shift):
    inside = np.zeros((height, width), dtype=bool)
    for x, y, across, down in PARTS:
        inside[y : y + down, max(x - shift, 0) : x - shift + across] = True
    return inside


@pytest.mark.slow
def test_the_leading_factor_of_two_motorcycles_lies_on_the_machine_in_both(tmp_path):
    corpus = materialise_demo_search(tmp_path / "demo-search")
    changes = [
        f"corpus.annotations={corpus.annotations}", f"corpus.images={corpus.images}", "corpus.limit=1",
        f"output={tmp_path / 'tables'}", "runner.name=inline", "faithfulness.sample=0",
        "perturbation.held_out={image: 0, text: 0}",
    ]  # fmt: skip
    outcome = execute("explain", load_parameters(SPEC, changes), Console(quiet=True))
    assert outcome.finished, outcome.failures
    run = open_run(outcome.run.root, outcome.run.run_id)
    pairs = {pair.is_positive: pair for pair in read_pairs(run, run.table("pairs")["pair_id"].to_pylist())}
    pair = pairs[True]
    assert (pair.left.title, pair.right.title) == ("motorcycle_left.png", "motorcycle_right.png")
    assert (pair.rank_of_right, pair.rank_of_left) == (1, 1)
    first = pair.factors[0]
    assert first.energy > 0.3
    for item, vector, shift in ((pair.left, first.left, 0), (pair.right, first.right, DISPARITY)):
        height, width = item.labels.shape
        full = machine(741, 500, shift)
        rows, columns = np.arange(height) * 500 // height, np.arange(width) * 741 // width
        inside = full[np.ix_(rows, columns)]
        masks = [item.labels == segment for segment in range(item.n_segments)]
        shares = np.array([inside[mask].mean() if mask.any() else 0.0 for mask in masks])
        energy = float((vector**2 * shares).sum() / (vector**2).sum())
        area = float(inside[item.labels >= 0].mean())
        assert energy > 0.65, item.title
        assert energy > area + 0.2, item.title
