"""Kill twenty runs at seeded moments, driver and worker, local and S3, and print what became of them.

Run as ``python tests/benchmarks/kill_twenty.py [FIRST_SEED]``; a quarter of an hour. Exit status 1 if
anything of any run is not as in a run that nobody killed.
"""

import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "fixtures"))
os.environ["ILIME_PLUGINS"] = "planted_plugin"
os.environ["OMP_NUM_THREADS"] = "1"

import torch
from kill_scenarios import Scenario, Stage, play
from rich.console import Console
from s3_server import S3Server
from tiny_benchmark import explain, make_benchmark, run_of

from flows.embedded_server import prefect_environment

WHO = [
    ("local", "inline", "driver"),
    ("local", "threads", "driver"),
    ("s3", "inline", "driver"),
    ("s3", "threads", "driver"),
    ("local", "inline", "driver"),
    ("s3", "threads", "driver"),
    ("local", "dask", "driver"),
    ("s3", "dask", "driver"),
    ("local", "dask", "worker"),
    ("s3", "dask", "worker"),
]
"""Each is killed twice before it may finish."""


def main(first: int) -> int:
    """Play every scenario in a folder of its own."""
    torch.set_num_threads(1)
    scenarios = [Scenario(first + n, place, runner, victim) for n, (place, runner, victim) in enumerate(WHO)]
    console = Console(quiet=True)
    with tempfile.TemporaryDirectory() as name, prefect_environment(Path(name) / "prefect", console) as url:
        folder = Path(name)
        benchmark = make_benchmark(folder / "corpus")
        reference = run_of(explain(benchmark.spec(folder / "reference")))
        server = S3Server(folder / "s3")
        server.start()
        os.environ.update(server.environment)
        n_kills = n_problems = 0
        try:
            for one in scenarios:
                root = str(folder / one.name / "tables")
                if one.place == "s3":
                    root = f"s3://{server.make_bucket()}/tables"
                further = {"PREFECT_API_URL": url} if one.runner == "dask" else {}
                (folder / one.name).mkdir()
                stage = Stage(benchmark, reference, folder / one.name, server.environment | further, root)
                played = play(one, stage)
                n_kills += len(played.moments)
                n_problems += len(played.problems)
                verdict = "same, to the bit" if not played.problems else "; ".join(played.problems)
                print(
                    f"{one.name:<24} {played.seconds:5.0f} s  {'; '.join(played.moments)}: {verdict}",
                    flush=True,
                )
        finally:
            server.kill()
    print(f"{n_kills} kills, {n_problems} problems")
    return 1 if n_problems else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 0))
