"""Seconds of every question of docs/cookbook.md on a run of more than 20,000 pairs.

The pictures, captions and the model are planted; sizes are those of a real run: 49 regions, some 10 words.
"""

import argparse
import os
import platform
import re
import sys
import tempfile
import time
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "fixtures"))
os.environ["ILIME_PLUGINS"] = "planted_plugin"

from tiny_benchmark import explain, make_benchmark, run_of

from tasks.query.database import Database
from tasks.runs.run import Run, open_run

PAGE = Path(__file__).parents[2] / "docs" / "cookbook.md"


def make_run(folder: Path, n_images: int) -> Run:
    """A finished run over generated pictures, each paired with its 25 best captions and the reverse."""
    corpus = make_benchmark(folder / "corpus", n_images)
    spec = corpus.spec(
        folder / "tables",
        segmentation={"image": {"method": "grid", "n_segments": 49}},
        perturbation={"max_image_masks": 128, "max_text_masks": 64},
        estimators=["banzhaf"],
        pairs={"retrieved": 25},
        faithfulness={"sample": 0},
        blocks={
            "image_encodes": 20_000,
            "text_encodes": 20_000,
            "pairs": 4096,
            "image_batch": 64,
            "text_batch": 64,
        },
    )
    return run_of(explain(spec))


def main() -> None:
    """Print a line for each question."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--images", type=int, default=400)
    parser.add_argument("--root", help="a finished run instead of a planted one")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run = open_run(asked.root, "latest") if asked.root else make_run(Path(folder), asked.images)
        print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores")
        print(f"{run.table('pairs', ['pair_id']).num_rows:,} pairs, ", end="")
        start = time.perf_counter()
        with Database(run) as database:
            print(f"{time.perf_counter() - start:.2f} s to open")
            for title, sql in questions():
                start = time.perf_counter()
                answer = database.query(sql).read_all()
                print(f"{time.perf_counter() - start:7.2f} s {answer.num_rows:6,} rows  {title}")


def questions() -> list[tuple[str, str]]:
    """Each statement once, with the question in bold above it."""
    found: dict[str, str] = {}
    title = ""
    for bold, sql in re.findall(r"### ([^\n]+)|```sql \w+\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL):
        title = bold or title
        if sql:
            found.setdefault(sql, " ".join(title.split()))
    return [(title, sql) for sql, title in found.items()]


if __name__ == "__main__":
    main()
