"""Kill twenty runs at seeded moments, driver and worker, local and S3, and print what became of them.

Run as ``python tests/benchmarks/kill_twenty.py [FIRST_SEED [PART]]``; a quarter of an hour. With PART only
scenarios whose name holds it, like dask. Exit status 1 if anything of a run is not as where nobody kills.
"""

import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "fixtures"))
os.environ["ILIME_PLUGINS"] = "planted_plugin"
os.environ["OMP_NUM_THREADS"] = "1"

import torch
from kill_scenarios import Scenario, Stage, play, server_variables
from rich.console import Console
from s3_server import S3Server
from tiny_benchmark import explain, make_benchmark, run_of

from flows.engine.embedded_server import prefect_environment

WHO = [
    ("local", "inline", "driver", 2),
    ("local", "threads", "driver", 2),
    ("s3", "inline", "driver", 2),
    ("s3", "threads", "driver", 2),
    ("local", "inline", "driver", 2),
    ("s3", "threads", "driver", 2),
    ("local", "dask", "driver", 2),
    ("s3", "dask", "driver", 2),
    ("local", "dask", "worker", 1),
    ("s3", "dask", "worker", 1),
    ("local", "dask", "worker", 1),
    ("s3", "dask", "worker", 1),
]
"""Output, runner, who is killed, and how often; a run that loses a worker ends all the same."""


def main(first: int, part: str) -> int:
    """Play every scenario in a folder of its own."""
    torch.set_num_threads(1)
    scenarios = [Scenario(first + n, *who) for n, who in enumerate(WHO)]
    scenarios = [one for one in scenarios if part in one.name]
    console = Console(quiet=True)
    with tempfile.TemporaryDirectory() as name, prefect_environment(Path(name) / "prefect", console):
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
                further = server_variables() if one.runner == "dask" else {}
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
    first, part = [*sys.argv[1:], *("0", "")[len(sys.argv) - 1 :]]
    sys.exit(main(int(first), part))
