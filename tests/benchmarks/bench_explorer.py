"""Milliseconds and bytes a pair of the site that `ilime report` writes, on a run of many pairs.

The pictures, captions and the model are planted; sizes are those of a real run: 49 regions, some 10 words.
"""

import argparse
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.append(str(Path(__file__).parent))

KINDS = {
    "pairs": "data/pairs-*.js",
    "items": "data/items*.js",
    "columns": "data/index-*.js",
    "photographs": "photos/*",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=600, help="some 40 pairs each")
    parser.add_argument("--write", nargs=2, metavar=("ROOT", "SITE"), help="only write the site of a run")
    asked = parser.parse_args()
    if asked.write:
        write(*asked.write)
        return
    from bench_queries import make_run

    with tempfile.TemporaryDirectory() as scratch:
        run = make_run(Path(scratch), asked.images)
        # In a process of its own, so that its memory is that of the report.
        site = Path(scratch) / "site"
        subprocess.run([sys.executable, __file__, "--write", run.root, site], check=True)
        n_pairs = run.table("pairs", ["pair_id"]).num_rows
        for name, pattern in KINDS.items():
            size = sum(path.stat().st_size for path in site.glob(pattern))
            print(f"{name:<12} {size / n_pairs:8,.0f} bytes a pair, {size / 2**20:8.1f} MiB")


def write(root: str, site: str) -> None:
    from tasks.explorer.site import write_report
    from tasks.runs.run import open_run

    run = open_run(root, "latest")
    before, start = peak(), time.perf_counter()
    write_report(run, site)
    seconds = time.perf_counter() - start
    n_pairs = run.table("pairs", ["pair_id"]).num_rows
    print(
        f"{platform.machine()}, {n_pairs:,} pairs: {seconds:.1f} s, {1000 * seconds / n_pairs:.2f} ms a pair;"
        f" memory at most {peak():.2f} GiB, {before:.2f} GiB of it imports"
    )


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


if __name__ == "__main__":
    main()
