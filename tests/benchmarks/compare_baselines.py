"""Baselines of images compared on scenes: python tests/benchmarks/compare_baselines.py --help.

Every baseline is fitted, and every fit is measured under every baseline: held-out R2 of the fit, where words
lie, and the area between deletion curves. Rows of Markdown: means with half the 95 % interval over pairs.
"""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from rich.console import Console
from scipy import stats

from flows.execution import execute
from ilime_core.perturbation.baselines import BASELINES
from tasks.corpora.demos.laying_out import LabelledCorpus
from tasks.corpora.demos.scenes import materialise_scenes
from tasks.runs.run import Run, open_run
from tasks.spec import ExplainParameters

FITTED = ("segment_mean", "blur", "dataset_mean", "drop_tokens")
SEED = 1
"""Not that of the training."""

OF_THE_FIT = ("r2_cross_held_out", "pgr", "pointing_game", "energy_inside")


def measured(corpus: LabelledCorpus, fitted: str, n_regions: int, output: Path) -> Run:
    """A run under one baseline, measured under all."""
    parameters = ExplainParameters.model_validate(
        {
            "corpus": {"annotations": str(corpus.annotations), "images": str(corpus.images)},
            "model": {"name": "scenes", "device": "cpu", "precision": "float32"},
            "segmentation": {"image": {"method": "grid", "n_segments": n_regions}},
            "perturbation": {"max_image_masks": 256, "image_baseline": fitted},
            "pairs": {"errors": False, "retrieved": 0},
            "faithfulness": {
                "metrics": ["aid", "fidelity", "localisation"],
                "sample": 10_000,
                "steps": 16,
                "random_orders": 20,
                "baselines": [{"image_baseline": name} for name in FITTED if name != fitted],
                "truth": {
                    "format": "spans",
                    "annotations": str(corpus.regions),
                    "label_maps": str(corpus.label_maps),
                },
            },
            "output": str(output),
            "runner": {"name": "inline"},
        }
    )
    outcome = execute("explain", parameters, Console(quiet=True))
    return open_run(outcome.run.root, outcome.run.run_id)


def of_the_fit(run: Run, metric: str) -> np.ndarray:
    """Values of the explanation itself, one a pair; phrases where a metric also asks single words."""
    rows = run.table("faithfulness").to_pylist()
    found = [row for row in rows if row["metric"] == metric and row["control"] == "explanation"]
    own = [row["value"] for row in found if row["mode"] in {"none", "phrase"}]
    return np.array([value for value in own if value is not None])


def between_curves(run: Run, baseline: str) -> np.ndarray:
    """Area between both deletion curves of the mixed difference, less that of random orders; one a pair."""
    asked = {"metric": "aid", "mode": "mixed_difference", "side": "both", "axis": "count"}
    rows = [
        row
        for row in run.table("faithfulness").to_pylist()
        if row["baseline"] == f"{baseline}, drop" and all(row[name] == value for name, value in asked.items())
    ]
    areas = {(row["pair_id"], row["control"]): row["value"] for row in rows}
    pairs = sorted({pair for pair, _ in areas})
    return np.array([areas[pair, "explanation"] - areas[pair, "random"] for pair in pairs])


def said(values: np.ndarray) -> str:
    """Mean and half of its interval."""
    half = stats.t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
    return f"{values.mean():.3f} ± {half:.3f}"


def main() -> None:
    """Print one row for each fitted baseline."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=60)
    parser.add_argument("--regions", type=int, default=64)
    options = parser.parse_args()
    torch.set_num_threads(1)
    heads = ["fitted", *OF_THE_FIT, *(f"AID under {name}" for name in FITTED)]
    print(f"| {' | '.join(heads)} |\n|{' --- |' * len(heads)}")
    with TemporaryDirectory() as folder:
        corpus = materialise_scenes(Path(folder) / "scenes", options.scenes, SEED)
        for fitted in FITTED:
            run = measured(corpus, fitted, options.regions, Path(folder) / fitted)
            cells = [said(of_the_fit(run, name)) for name in OF_THE_FIT]
            cells += [said(between_curves(run, name)) for name in FITTED]
            print(f"| {BASELINES[fitted].title} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
