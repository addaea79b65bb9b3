"""Milliseconds and bytes a pair of the site that `ilime report` writes, on a run of many pairs.

The pictures, captions and the model are planted; sizes are those of a real run: 49 regions, some 10 words.
"""

import argparse
import platform
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.append(str(Path(__file__).parent))

from bench_queries import make_run

from tasks.explorer.site import write_report

KINDS = {
    "pairs": "data/pairs-*.js",
    "items": "data/items*.js",
    "columns": "data/index-*.js",
    "photographs": "photos/*",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=600, help="some 40 pairs each")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        run = make_run(Path(scratch), asked.images)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start = time.perf_counter()
        site = write_report(run, Path(scratch) / "site").parent
        seconds = time.perf_counter() - start
        n_pairs = run.table("pairs", ["pair_id"]).num_rows
        print(
            f"{platform.machine()}, {n_pairs:,} pairs: {seconds:.1f} s, "
            f"{1000 * seconds / n_pairs:.2f} ms a pair"
        )
        for name, pattern in KINDS.items():
            size = sum(path.stat().st_size for path in site.glob(pattern))
            print(f"{name:<12} {size / n_pairs:8,.0f} bytes a pair, {size / 2**20:8.1f} MiB")
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(f"memory at most {after / 2**20:.2f} GiB, {before / 2**20:.2f} GiB of it before the report")


if __name__ == "__main__":
    main()
