"""Seconds and memory of `ilime compare` and of slices, on two runs of many pairs with many tags.

Pictures, captions, tags and the model are planted: four tags of 50 values each, the most that are reported.
"""

import argparse
import json
import os
import platform
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "fixtures"))
os.environ["ILIME_PLUGINS"] = "planted_plugin"

from tiny_benchmark import explain, make_benchmark, run_of

from tasks.model_comparison.compare import compare_runs

TAGS = {"source": 50, "topic": 53, "year": 59, "camera": 61}
"""Values of each tag; of more than 50 the most frequent are reported."""


def peak() -> float:
    """Largest memory of this process so far, in GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def main() -> None:
    """Print seconds and memory."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--images", type=int, default=430)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        corpus = make_benchmark(Path(scratch) / "corpus", asked.images)
        tree = json.loads(corpus.annotations.read_text())
        for number, entry in enumerate(tree["images"]):
            entry |= {name: f"v{(7 * number + len(name)) % count}" for name, count in TAGS.items()}
        corpus.annotations.write_text(json.dumps(tree))
        runs = []
        for seed in (0, 1):
            spec = corpus.spec(
                Path(scratch) / "tables",
                corpus={"tags": list(TAGS)},
                segmentation={"image": {"method": "grid", "n_segments": 49}},
                perturbation={"max_image_masks": 128, "max_text_masks": 64},
                estimators=["banzhaf"],
                pairs={"retrieved": 25},
                faithfulness={"sample": 0},
                blocks={"image_encodes": 20_000, "text_encodes": 20_000, "pairs": 4096},
                seed=seed,
            )
            runs.append(run_of(explain(spec)))
        commits = runs[0].commits()
        n_pairs = runs[0].table("pairs", ["pair_id"]).num_rows
        print(f"{platform.machine()}, {os.cpu_count()} cores, {n_pairs:,} pairs")
        n_differences = runs[0].table("slice_differences", ["slice"]).num_rows
        for stage in ("fit", "summarise"):
            seconds = sum(one.facts.counts.seconds for one in commits[stage].values())
            print(f"{stage:<10} {seconds:7.1f} s")
        print(f"slices     {n_differences:,} differences; memory at most {peak():.2f} GiB")
        start = time.perf_counter()
        found = compare_runs(runs[0], runs[1])
        seconds = time.perf_counter() - start
        print(f"compare    {seconds:7.1f} s, {len(found.rows):,} rows; memory at most {peak():.2f} GiB")


if __name__ == "__main__":
    main()
