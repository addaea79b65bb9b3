"""Every ratio of docs/performance.md in one command: its programs one after the other, within half an hour.

``python tests/benchmarks/every_ratio.py [name ...]``; names choose programs. Each prints the ratios of its
own process; seconds of different programs are not to be compared.
"""

import argparse
import os
import platform
import subprocess
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bench_fit import processor

HERE = Path(__file__).parent

PROGRAMS: dict[str, tuple[str, ...]] = {
    "bench_scoring": (),
    "bench_fit": (),
    "bench_fit_stage": ("--blocks", "1"),
    "bench_all_pairs": (),
    "bench_run": (),
    "bench_scale": ("--images", "60"),
    "bench_measure": (),
    "bench_queries": ("--images", "200"),
    "bench_explorer": ("--images", "200"),
    "bench_compare": ("--images", "150"),
    "bench_drop_tokens": ("--models", "ViT-B-32", "--masks", "64", "--repeats", "1"),
    "bench_refine": ("--scenes", "4", "--long-run", "1024", "--designs", "2"),
    "bench_indices": ("--seeds", "1"),
    "bench_linear_peers": (),
    "compare_exclip": (),
    "cost_model": (),
}
"""Arguments of each program; docs/performance.md names the sizes of its own figures."""

VERSIONS = (
    "torch",
    "numpy",
    "pyarrow",
    "duckdb",
    "prefect",
    "open_clip_torch",
    "captum",
    "exclip",
    "lime",
    "shapiq",
)


def main() -> None:
    """Run the programs; the exit status says whether all of them ended well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(PROGRAMS))
    chosen = parser.parse_args().names or list(PROGRAMS)
    if unknown := set(chosen) - PROGRAMS.keys():
        parser.error(f"no program is called {', '.join(sorted(unknown))}; known: {', '.join(PROGRAMS)}")
    print(
        f"{processor()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, "
        f"Python {platform.python_version()}"
    )
    print(", ".join(f"{name} {found}" for name in VERSIONS if (found := version_of(name))), flush=True)
    failed: list[str] = []
    start = time.perf_counter()
    for name in chosen:
        print(f"\n== {name} {' '.join(PROGRAMS[name])}", flush=True)
        before = time.perf_counter()
        status = subprocess.run(
            [sys.executable, HERE / f"{name}.py", *PROGRAMS[name]], check=False
        ).returncode
        failed += [name] if status else []
        print(f"== {name}: {time.perf_counter() - before:.0f} s{' FAILED' if status else ''}", flush=True)
    print(f"\n{len(chosen)} programs, {(time.perf_counter() - start) / 60:.1f} minutes")
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


def version_of(package: str) -> str:
    """Version of a package; empty where it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


if __name__ == "__main__":
    main()
