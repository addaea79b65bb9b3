"""The demo end to end: where the wall time of a run goes; python tests/benchmarks/bench_run.py --help."""

from tasks.process.allocator import keep_freed_memory

keep_freed_memory()  # as commands do, before libraries start threads

import argparse
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from importlib.resources import files
from pathlib import Path
from threading import Event, Thread, get_ident
from types import FrameType
from typing import Self

import numpy as np
import torch
from rich.console import Console

from flows.engine.embedded_server import prefect_environment
from flows.execution import execute
from ilime_core.protocols.encoders import DualEncoder
from ilime_core.records import Modality
from tasks.corpora.demos.photographs import materialise_demo
from tasks.process.models import encoder_of
from tasks.run_files.committed import all_commits
from tasks.run_files.match_plan import match_plan
from tasks.run_files.plan import OpenRun
from tasks.runs.items import read_items
from tasks.spec import ExplainParameters
from tasks.spec.mask_draws import MaskDraw
from tasks.spec.reading import load_parameters
from tasks.stages.score.perturb import StagePlace, encode_coalitions, segment_counts
from tasks.tables.counts import Counts

ENTRIES = {
    "ilime --help": "flows.command_line",
    "ilime status": "flows.actions.listing",
    "ilime explain": "flows.launch",
}
"""What a command imports before it works."""

KINDS = (
    ("inside a tower", "ilime_core/encoding/stopwatch.py", "_timed"),
    ("building the model", "tasks/process/models.py", "_load"),
    ("planning", "tasks/planning/draft.py", ""),
    ("other numerics (segments, masks, effects, fits)", "ilime_core/", ""),
    ("reading and writing tables", "tasks/stages/run_block.py", "run_block"),
)
"""Where a thread can be, the first that holds: label, file below the repository, function."""

TO_FIRST_ENCODE = """
import os, sys, time
from tasks.process.collector import pause_collector
pause_collector()  # as the command does, before it imports
from ilime_core.encoding.stopwatch import TimedEncoder
def first(self, call):
    print(time.monotonic() - float(sys.argv[1]), time.process_time(), flush=True)
    os._exit(0)
TimedEncoder._timed = first
from flows.commands.explain import command
command([sys.argv[2]], standalone_mode=False)
"""
"""Program of a process that ends at its first encode."""

ELSEWHERE = "engine, terminal, waiting"
BARE_IMAGE_BATCHES = 6


class Sampler(Thread):
    """Looks at the stacks of all threads many times a second and counts what the process is doing."""

    def __init__(self, every_s: float) -> None:
        super().__init__(daemon=True)
        self.counts: Counter[str] = Counter()
        self._every_s = every_s
        self._over = Event()
        self._home = f"{Path(__file__).resolve().parents[2]}/"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join()

    def run(self) -> None:
        while not self._over.wait(self._every_s):
            frames = sys._current_frames()
            places = {
                place
                for thread, frame in frames.items()
                if thread != get_ident()
                for place in self._places(frame)
            }
            self.counts[next((kind[0] for kind in KINDS if _is_at(kind, places)), ELSEWHERE)] += 1

    def _places(self, frame: FrameType | None) -> set[tuple[str, str]]:
        found: set[tuple[str, str]] = set()
        while frame is not None:
            code = frame.f_code
            if code.co_filename.startswith(self._home):
                found.add((code.co_filename.removeprefix(self._home), code.co_name))
            frame = frame.f_back
        return found


def _is_at(kind: tuple[str, str, str], places: set[tuple[str, str]]) -> bool:
    _, file, function = kind
    return any(path.startswith(file) and function in {"", name} for path, name in places)


class Recorded:
    """A tower that keeps what it is asked to encode and does not encode it."""

    def __init__(self, tower: object, most: int | None = None) -> None:
        self._tower = tower
        self._most = most
        self.calls: list[tuple[object, ...]] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self._tower, name)

    def encode(self, batch: list[list[int]] | torch.Tensor, *further: object) -> torch.Tensor:
        if self._most is None or len(self.calls) < self._most:
            self.calls.append((batch, *further))
        return torch.zeros(len(batch), self._tower.dim)


class RecordedEncoder:
    """Two such towers."""

    def __init__(self, encoder: DualEncoder) -> None:
        self.device = encoder.device
        self.image = Recorded(encoder.image, BARE_IMAGE_BATCHES)
        self.text = Recorded(encoder.text)


def import_seconds(module: str) -> float:
    """Best of three fresh processes."""
    program = f"import time; t = time.perf_counter(); import {module}; print(time.perf_counter() - t)"
    return min(float(subprocess.check_output([sys.executable, "-c", program])) for _ in range(3))


def first_encode(spec: Path) -> tuple[float, float]:
    """Wall and processor seconds of ``ilime explain`` up to its first encode: the quickest of three."""
    found = []
    for _ in range(3):
        started = str(time.monotonic())
        command = [sys.executable, "-c", TO_FIRST_ENCODE, started, str(spec)]
        said = subprocess.check_output(command, stderr=subprocess.DEVNULL, text=True)
        wall, processor = map(float, said.split())
        found.append((wall, processor))
    return min(found)


def demo_parameters(folder: Path, changes: list[str]) -> ExplainParameters:
    """The demo's own spec on a fresh output."""
    corpus = materialise_demo(folder / "corpus")
    spec = folder / "demo.yaml"
    spec.write_text((files("flows") / "demo.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    places = [
        f"corpus.annotations={corpus.annotations}",
        f"corpus.images={corpus.images}",
        f"output={folder / 'tables'}",
    ]
    return load_parameters(spec, [*places, *changes])


def write_tiny_spec(folder: Path, parameters: ExplainParameters) -> Path:
    """Two pictures of the demo, in a run of its own that is never finished."""
    corpus = parameters.corpus.model_copy(update={"limit": 2})
    tiny = parameters.model_copy(update={"corpus": corpus, "output": str(folder / "tiny")})
    spec = folder / "tiny.yaml"
    spec.write_text(tiny.model_dump_json(), encoding="utf-8")  # JSON is YAML
    return spec


def recorded_batches(run: OpenRun, block: int) -> list[tuple[object, ...]]:
    """The batches that the towers got for a score block."""
    planned = match_plan(run).item_blocks[block]
    parameters = run.plan.parameters
    counts = segment_counts(run, [block], planned.item_ids)
    items = [item for name, item in read_items(run, planned.item_ids).items() if name in counts]
    modality = Modality(planned.modality)
    draw = MaskDraw.of(modality, parameters)
    drawn = {item.item_id: draw.draw(item.sha256, counts[item.item_id]).encoded for item in items}
    rows = {name: np.concatenate([np.zeros_like(masks[:1]), masks]) for name, masks in drawn.items()}
    recorder = RecordedEncoder(encoder_of(run))
    for _ in encode_coalitions(StagePlace(run, "bare", (block,)), recorder, items, rows):
        pass
    return (recorder.image if modality is Modality.IMAGE else recorder.text).calls


def print_rates(run: OpenRun) -> None:
    """Rows a second in the run and of the bare towers on the same batches, for a block of each modality."""
    scored = all_commits(run.storage, run.run_id)["score"]
    encoder = encoder_of(run)
    for modality, tower in ((Modality.IMAGE, encoder.image), (Modality.TEXT, encoder.text)):
        block = max(one.block for one in match_plan(run).item_blocks if one.modality == modality.value)
        counts = scored[block].facts.counts
        batches = recorded_batches(run, block)
        tower.encode(*batches[0])
        started = time.perf_counter()
        for batch in batches:
            tower.encode(*batch)
        bare = sum(len(batch[0]) for batch in batches) / (time.perf_counter() - started)
        n_rows = counts.encodes
        print(
            f"{modality.value}s a second: {n_rows / counts.seconds:.0f} in the run "
            f"({n_rows / counts.encoder_seconds:.0f} inside the tower), {bare:.0f} bare encoder, "
            f"ratio {bare * counts.seconds / n_rows:.3f}"
        )


def print_stages(run: OpenRun) -> None:
    """Seconds of the blocks by stage."""
    print(f"{'stage':<24}{'blocks':>8}{'seconds':>10}{'in towers':>11}{'ratio':>8}")
    for stage, commits in all_commits(run.storage, run.run_id).items():
        counts = sum((commit.facts.counts for commit in commits.values()), Counts())
        seconds, towers = counts.seconds, counts.encoder_seconds
        ratio = f"{seconds / towers:.3f}" if towers else ""
        print(f"{stage:<24}{len(commits):>8}{seconds:>10.2f}{towers:>11.2f}{ratio:>8}")


def print_shares(counts: Counter[str], wall: float) -> None:
    """What the process did, by share of the wall time."""
    total = max(sum(counts.values()), 1)
    for label in (*(kind[0] for kind in KINDS), ELSEWHERE):
        print(f"{label:<52}{counts[label] / total:>7.1%}{counts[label] / total * wall:>8.1f} s")
    outside = total - counts[KINDS[0][0]] - counts[KINDS[3][0]]
    print(f"{'outside towers and numerics (goal: at most 5 %)':<52}{outside / total:>7.1%}")


def main() -> None:
    """Run the demo and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", dest="changes", action="append", default=[], metavar="K=V")
    options = parser.parse_args()
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{platform.node()}, {os.cpu_count()} cores, load before {load}, torch {torch.__version__}")
    for command, module in ENTRIES.items():
        print(f"imports of {command}: {import_seconds(module):.2f} s")
    with tempfile.TemporaryDirectory(prefix="ilime-bench-") as folder:
        parameters = demo_parameters(Path(folder), options.changes)
        tiny = write_tiny_spec(Path(folder), parameters)
        wall, processor = first_encode(tiny)
        print(f"first encode of ilime explain after {wall:.2f} s ({processor:.2f} s of its processor time)")
        console = Console(stderr=True)
        started = time.perf_counter()
        with prefect_environment(None, console):
            up = time.perf_counter()
            with Sampler(every_s=0.01) as sampler:
                outcome = execute("explain", parameters, console)
            done = time.perf_counter()
        print(f"Prefect server up after {up - started:.1f} s, stopped in {time.perf_counter() - done:.1f} s")
        print(f"run with the server up: {done - up:.1f} s")
        print_shares(sampler.counts, done - up)
        print_stages(outcome.run)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # before batches are kept for the rates
        print(f"peak memory of the driver: {peak / 1024:.0f} MiB")
        print_rates(outcome.run)
    print(f"load after {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
