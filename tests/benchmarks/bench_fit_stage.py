"""Pairs per second of CPU time and peak memory of stage fit, with everything that it reads and writes.

A generated run of 49 regions and some 10 words in 512 dimensions; each block of pairs in a process of its
own, on one thread. With --folder the scored run is kept there, for another version of the code to fit again.
"""

from tasks.process.allocator import keep_freed_memory

keep_freed_memory()  # as commands do, before libraries start threads

import argparse
import cProfile
import json
import os
import pstats
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "fixtures"))
os.environ |= {"PACED_DIM": "512", "ILIME_PLUGINS": "paced_plugin", "OMP_NUM_THREADS": "1"}

import torch
from bench_fit import processor
from scale_corpus import make_corpus

from tasks.planning.draft import draft_plan, freeze_plan
from tasks.run_files.commit_records import Commit
from tasks.run_files.committed import read_commit
from tasks.run_files.match_plan import match_plan
from tasks.run_files.naming import commit_key
from tasks.run_files.plan import open_run_plan
from tasks.spec import ExplainParameters
from tasks.stages.embed import embed_block
from tasks.stages.fit.fit import fit_block
from tasks.stages.match.match import match_block
from tasks.stages.score.score import score_block
from tasks.stages.segment.segment import segment_block


@dataclass(frozen=True)
class BlockCost:
    """What one block of pairs took."""

    n_pairs: int
    n_items: int
    seconds: float
    """Of CPU time, imports left out."""
    in_system: float
    """Seconds of these in the kernel: nearly all of them page faults."""
    peak: float
    """MiB, imports included."""
    imports: float
    """MiB before the block."""


def score_run(folder: Path, options: argparse.Namespace) -> tuple[str, str]:
    """Run all stages before fit; root and id of the run."""
    torch.set_num_threads(1)
    benchmark = make_corpus(folder / "corpus", options.images, options.captions)
    spec = benchmark.spec(
        str(folder / "tables"),
        model={"name": "plugin", "factory": "paced_plugin:make"},
        segmentation={"image": {"method": "grid", "n_segments": 49}},
        perturbation={"max_image_masks": 128, "max_text_masks": 64},
        estimators=options.estimators,
        pairs={"retrieved": 0},
        blocks={
            "image_encodes": 20_000,
            "text_encodes": 100_000,
            "pairs": options.pairs,
            "image_batch": 64,
            "text_batch": 64,
        },
    )
    run = freeze_plan(draft_plan(ExplainParameters.model_validate(spec)))
    for block in run.plan.embed_blocks:
        embed_block(run.root, run.run_id, block.block)
    match_block(run.root, run.run_id, 0)
    for body in (segment_block, score_block):
        for block in match_plan(run).item_blocks:
            body(run.root, run.run_id, block.block)
    return run.root, run.run_id


def fit_alone(root: str, run_id: str, block: int, profile: Path | None) -> BlockCost:
    """Fit one block, whatever has been fitted before."""
    torch.set_num_threads(1)
    imports = peak()
    run = open_run_plan(root, run_id)
    (Path(root) / commit_key(run_id, "fit", block)).unlink(missing_ok=True)
    profiler, started, system = cProfile.Profile(time.process_time), time.process_time(), os.times().system
    with ExitStack() as stack:
        if profile:
            stack.enter_context(profiler)
        fit_block(root, run_id, block)
    seconds, system = time.process_time() - started, os.times().system - system
    if profile:
        profiler.dump_stats(profile)
    planned = match_plan(run).pair_blocks[block]
    n_items = sum(len(match_plan(run).item_blocks[one].item_ids) for one in planned.reads)
    return BlockCost(planned.n_pairs, n_items, seconds, system, peak(), imports)


def peak() -> float:
    """Largest resident memory of this process, in MiB; what its parent held before is not counted."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def pool() -> ProcessPoolExecutor:
    """One new process, set up as a worker is."""
    return ProcessPoolExecutor(1, get_context("spawn"))


def written(root: str, run_id: str, block: int) -> dict[str, str]:
    """Table and digest of every part of a block, to compare versions of the code."""
    commit = read_commit(open_run_plan(root, run_id).storage, run_id, "fit", block)
    assert isinstance(commit, Commit)
    return {part.table: part.sha256[:12] for part in commit.parts}


def scored(folder: Path, options: argparse.Namespace) -> tuple[str, str]:
    """The run of a folder, made where there is none yet."""
    place = folder / "scored.json"
    if not place.exists():
        with pool() as one:
            place.write_text(json.dumps(one.submit(score_run, folder, options).result()), "utf-8")
    root, run_id = json.loads(place.read_text("utf-8"))
    return root, run_id


def main() -> None:
    """Print a line for each block, and the rate of all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--images", type=int, default=800)
    parser.add_argument("--captions", type=int, default=5, help="of each picture")
    parser.add_argument("--pairs", type=int, default=4096, help="of a block")
    parser.add_argument("--estimators", nargs="+", default=["banzhaf"])
    parser.add_argument("--blocks", type=int, help="fit no more than these")
    parser.add_argument("--folder", type=Path, help="keeps the scored run")
    parser.add_argument("--profile", type=Path, help="writes a profile of the first block here")
    parser.add_argument("--digests", action="store_true", help="print a digest of each part")
    options = parser.parse_args()
    print(f"{processor()}, one thread, torch {torch.__version__}, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory(prefix="ilime-fit-") as temporary:
        root, run_id = scored(options.folder or Path(temporary), options)
        costs: list[BlockCost] = []
        for planned in match_plan(open_run_plan(root, run_id)).pair_blocks[: options.blocks]:
            profile = options.profile if not costs else None
            with pool() as one:
                cost = one.submit(fit_alone, root, run_id, planned.block, profile).result()
            costs.append(cost)
            print(
                f"block {planned.block}: {cost.n_pairs:,} pairs, records of {cost.n_items:,} items, "
                f"{cost.seconds:.2f} CPU s ({cost.in_system:.2f} in the kernel), "
                f"{cost.n_pairs / cost.seconds:,.0f} pairs/s, "
                f"at most {cost.peak:,.0f} MiB ({cost.imports:,.0f} imports)"
            )
            if options.digests:
                print(f"  {written(root, run_id, planned.block)}")
        rate = sum(one.n_pairs for one in costs) / sum(one.seconds for one in costs)
        most = max(one.peak for one in costs)
        print(f"{rate:,.0f} pairs/s and core, all read and written; at most {most:,.0f} MiB")
        if options.profile:
            pstats.Stats(str(options.profile)).sort_stats("cumulative").print_stats(45)


if __name__ == "__main__":
    main()
