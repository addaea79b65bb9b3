"""A generated benchmark from end to end: memory, overhead, bytes and requests of each stage.

A minute for 400 pictures with five captions each; --images 2000 takes about five. The encoder keeps the pace
of a device without doing its work (tests/fixtures/paced_plugin.py).
"""

from tasks.process.allocator import keep_freed_memory

keep_freed_memory()  # as commands do, before libraries start threads

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from functools import wraps
from multiprocessing import get_context
from pathlib import Path
from unittest.mock import patch

import torch
from rich.console import Console

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
sys.path.append(str(FIXTURES))

from probes import MemorySampler, StorageCounts, counted_storage, stage
from scale_corpus import make_corpus
from scale_figures import Span, fit_inputs, slope, stage_rows, union_seconds
from tiny_benchmark import Benchmark, merged

import flows.session.pipeline
from flows.engine.embedded_server import prefect_environment
from flows.execution import execute
from flows.runners.inline import InlineRunner
from flows.session.tally import StartTally
from tasks.planning.draft import draft_plan, freeze_plan
from tasks.run_files.committed import all_commits
from tasks.run_files.match_plan import match_plan
from tasks.run_files.plan import OpenRun
from tasks.runs.run import open_run
from tasks.spec import ExplainParameters
from tasks.stages.block_report import BlockReport
from tasks.tables import STAGES


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--images", type=int, default=400)
    parser.add_argument("--captions", type=int, default=5, help="of each picture")
    parser.add_argument("--dim", type=int, default=64)
    parser.add_argument("--pace", default="1000,5000", help="images and texts a second; 0,0 for no wait")
    parser.add_argument("--blocks", default="20000,100000,4096", help="image encodes, text encodes, pairs")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--runner", choices=["threads", "process"], default="threads",
                        help="threads: Prefect here; process: bodies in one child, no Prefect")  # fmt: skip
    parser.add_argument(
        "--output", help="where tables go: a folder or s3://...; a temporary folder if not given"
    )
    parser.add_argument(
        "--set", dest="changes", type=json.loads, default={}, help="JSON merged into the spec"
    )
    parser.add_argument("--json", type=Path, help="also write the figures here")
    return parser.parse_args()


def make_spec(benchmark: Benchmark, output: str, options: argparse.Namespace) -> ExplainParameters:
    image, text, pairs = map(int, options.blocks.split(","))
    changes = {
        "label": "scale",
        "model": {"factory": "paced_plugin:make"},
        "segmentation": {"image": {"method": "grid", "n_segments": 16}},
        "perturbation": {
            "max_image_masks": 32,
            "max_text_masks": 16,
            "held_out": {"image": 16, "text": 8},
        },
        "estimators": ["banzhaf"],
        "pairs": {"retrieved": 0},
        "faithfulness": {"sample": 16, "steps": 4, "random_orders": 2},
        "runner": {"name": "threads", "workers": options.workers},
        "blocks": {
            "image_encodes": image, "text_encodes": text, "pairs": pairs, "image_batch": 32, "text_batch": 64,
        },
    }  # fmt: skip
    return ExplainParameters.model_validate(benchmark.spec(output, **merged(changes, options.changes)))


def watched(name: str, body: Callable[..., BlockReport], spans: list[Span]) -> Callable[..., BlockReport]:
    """A stage's body that notes when it worked and who asks the storage."""

    @wraps(body)
    def run(*arguments: object) -> BlockReport:
        token, started = stage.set(name), time.perf_counter()
        try:
            return body(*arguments)
        finally:
            spans.append(Span(name, started, time.perf_counter()))
            stage.reset(token)

    return run


class ProcessRunner(InlineRunner):
    """Bodies in one child process: what a driver and a worker of a cluster hold, without an engine."""

    def __init__(self, pool: ProcessPoolExecutor, spans: list[Span]) -> None:
        super().__init__()
        self._pool = pool
        self._spans = spans

    def run_pipeline(self, works, root, run_id, on_done):
        for work in works:
            for block in work.blocks:
                started = time.perf_counter()
                on_done(self._pool.submit(work.body, root, run_id, block).result())
                self._spans.append(Span(work.stage.partition("-")[0], started, time.perf_counter()))
        return []


def in_threads(parameters: ExplainParameters, console: Console, spans: list[Span]) -> tuple[OpenRun, float]:
    """Run under Prefect's embedded server; the run and the seconds without starting the server."""
    with ExitStack() as stack:
        for name in STAGES:
            body = getattr(flows.session.pipeline, f"{name}_block")
            stack.enter_context(
                patch.object(flows.session.pipeline, f"{name}_block", watched(name, body, spans))
            )
        stack.enter_context(prefect_environment(None, console))
        started = time.perf_counter()
        outcome = execute("explain", parameters, console)
        wall = time.perf_counter() - started
    if not outcome.finished:
        raise SystemExit(f"blocks failed: {outcome.failures[:3]}")
    return outcome.run, wall


def in_process(
    run: OpenRun, parameters: ExplainParameters, pool: ProcessPoolExecutor, spans: list[Span]
) -> float:
    """Run the bodies in the child of a pool; the seconds."""
    tally = StartTally()
    pipeline = flows.session.pipeline.Pipeline(
        run,
        ProcessRunner(pool, spans),
        on_stage=lambda _: None,
        on_report=tally.add,
        is_stopped=lambda: False,
        committed=tally.committed,
    )
    started = time.perf_counter()
    pipeline.explain(parameters.faithfulness, parameters.selection)
    return time.perf_counter() - started


def main() -> None:
    """Generate, run, print."""
    options = parse_options()
    images, texts = options.pace.split(",")
    os.environ.update(
        PACED_IMAGES=images, PACED_TEXTS=texts, PACED_DIM=str(options.dim), ILIME_PLUGINS="paced_plugin"
    )
    torch.set_num_threads(1)
    console = Console(stderr=True, quiet=True)
    spans: list[Span] = []
    figures: dict[str, object] = {
        "cores": os.cpu_count(),
        "load_before": os.getloadavg()[0],
        **vars(options),
        "json": None,
    }
    with (
        tempfile.TemporaryDirectory(prefix="ilime-scale-") as folder,
        counted_storage() as counts,
        ExitStack() as stack,
    ):
        started = time.perf_counter()
        benchmark = make_corpus(Path(folder) / "corpus", options.images, options.captions)
        figures["generate_s"] = time.perf_counter() - started
        parameters = make_spec(benchmark, options.output or str(Path(folder) / "tables"), options)
        started = time.perf_counter()
        draft = draft_plan(parameters)
        figures["draft_s"] = time.perf_counter() - started
        run = freeze_plan(draft)
        del draft
        figures["plan_s"] = time.perf_counter() - started
        watched_process: int | str = "self"
        if options.runner == "process":
            pool = stack.enter_context(ProcessPoolExecutor(1, get_context("spawn")))
            watched_process = pool.submit(os.getpid).result()
        memory = stack.enter_context(MemorySampler(watched_process))
        driver = memory if watched_process == "self" else stack.enter_context(MemorySampler())
        if options.runner == "process":
            wall = in_process(run, parameters, pool, spans)
        else:
            run, wall = in_threads(parameters, console, spans)
        commits = all_commits(run.storage, run.run_id)
        rows = list(stage_rows(commits, spans, counts, memory))
        busy = union_seconds(spans)
        inputs = fit_inputs(run, commits)
        figures |= {
            "wall_s": wall,
            "busy_s": busy,
            "outside_blocks_share": 1 - busy / wall,
            "driver_mib_per_minute": slope(driver.samples[len(driver.samples) // 4 :]),
            "driver_mib": [round(driver.samples[0][1]), round(driver.samples[-1][1])],
            "n_pairs": sum(block.n_pairs for block in match_plan(run).pair_blocks),
            "fit_input_mb": inputs / 1e6,
            "fit_read_ratio": counts.read["fit"] / inputs,
            "objects": len(run.storage.list()),
            "stages": rows,
            "open_one_table": open_one_table(run, counts),
        }
    show(figures)
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1, default=str))


def open_one_table(run: OpenRun, counts: StorageCounts) -> dict[str, object]:
    """What an analyst pays for one table of a finished run."""
    token, started = stage.set("reader"), time.perf_counter()
    rows = open_run(run.root, run.run_id).table("fits", columns=["pair_id", "r2_cross"]).num_rows
    stage.reset(token)
    return {
        "rows": rows,
        "seconds": round(time.perf_counter() - started, 3),
        "requests": dict(counts.requests["reader"]),
    }


def show(figures: dict[str, object]) -> None:
    """Plain lines, one a stage."""
    for name, value in figures.items():
        if name != "stages":
            print(f"{name:<24}{value:.3f}" if isinstance(value, float) else f"{name:<24}{value}")
    for row in figures["stages"]:
        words = (
            f"{value}" if name in {"stage", "requests"} else f"{name} {value}" for name, value in row.items()
        )
        print("  ".join(words))


if __name__ == "__main__":
    main()
