"""Damage every kind of file of a run, a hundred seeded times each, and print what became of it.

Run as ``python tests/benchmarks/flip_bytes.py [FLIPS [STARTS [REPAIRS]]]``: FLIPS of each kind are read
and verified; over the first STARTS of them the run is started again, and the first REPAIRS are mended and
computed again. Exit status 1 if other numbers came without a word. A quarter of an hour.
"""

import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "fixtures"))
os.environ["ILIME_PLUGINS"] = "planted_plugin"
os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
import torch
from flipping import DAMAGES, KINDS, Fate, Flipper
from tiny_benchmark import make_benchmark


def main(n_flips: int, n_starts: int, n_repairs: int) -> int:
    """One line for each kind of file and of damage."""
    torch.set_num_threads(1)
    silent: list[Fate] = []
    with tempfile.TemporaryDirectory() as name:
        flipper = Flipper(make_benchmark(Path(name) / "corpus"), Path(name))
        print(
            f"{'kind':<15}{'damage':<11}{'n':>4}  readers; next start; named by verify; repaired", flush=True
        )
        for number, kind in enumerate(KINDS):
            for damage, change in DAMAGES.items():
                began = time.monotonic()
                rng = np.random.default_rng([number, *damage.encode()])
                files = flipper.files(kind)
                n = n_flips if damage == "flipped" else min(len(files), max(1, n_flips // 10))
                fates: list[Fate] = []
                for turn in range(n):
                    key = str(rng.choice(files))
                    output = flipper.damaged(key, kind, change, rng)
                    fates.append(flipper.fate(key, output, start=turn < n_starts, repair=turn < n_repairs))
                silent += [fate for fate in fates if fate.silent]
                print(
                    f"{kind.name:<15}{damage:<11}{n:>4}  {_summary(fates)}  {time.monotonic() - began:.0f} s",
                    flush=True,
                )
    for fate in silent:
        print(fate)
    print(f"{len(silent)} times other numbers, or not mended")
    return 1 if silent else 0


def _summary(fates: list[Fate]) -> str:
    columns = ("read", "started", "named", "repaired")
    counts = [Counter(str(getattr(fate, column)) for fate in fates) for column in columns]
    return "; ".join(", ".join(f"{n} {value}" for value, n in sorted(count.items())) for count in counts)


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    sys.exit(main(*[*given, *(100, 10, 3)[len(given) :]]))
