"""Summary of a run without captions and file names: for terminals, logs and remote servers."""

from ilime_core.aggregates.slices import ALL
from tasks.runs.run import Run
from tasks.runs.sides import side_words

__all__ = ["count_lines", "retrieval_lines"]

METRICS = {"recall_at_1": "R@1", "recall_at_5": "R@5", "recall_at_10": "R@10", "median_rank": "median rank"}


def retrieval_lines(run: Run) -> list[str]:
    """R@k and median rank, a line for each direction."""
    lines: list[str] = []
    rows = [row for row in run.table("retrieval_metrics").to_pylist() if row["slice"] == ALL]
    for direction, question in side_words(run).questions.items():
        values = {row["metric"]: row for row in rows if row["direction"] == direction}
        found = [
            f"{name} {values[metric]['value']:.3f}"
            if metric != "median_rank"
            else f"{name} {values[metric]['value']:g}"
            for metric, name in METRICS.items()
            if metric in values and values[metric]["value"] is not None
        ]
        if found:
            row = next(values[metric] for metric in METRICS if metric in values)
            lines.append(
                f"{question}: {', '.join(found)} "
                f"({row['n_queries']} queries, {row['n_candidates']} candidates)"
            )
    return lines


def count_lines(run: Run) -> list[str]:
    """Items, pairs, encodes and failures of a finished run."""
    rows = run.table("runs").to_pylist()
    if not rows:
        return []
    row = rows[0]
    reused = row["image_encodes_reused"] + row["text_encodes_reused"]
    return [
        f"{row['n_images']:,} images, {row['n_texts']:,} texts, {row['n_pairs']:,} pairs explained",
        f"{row['image_encodes']:,} image encodes, {row['text_encodes']:,} text encodes"
        + (f", {row['scores']:,} scores of masked pairs" if row["scores"] else "")
        + (f", {reused:,} encodes reused" if reused else ""),
        *([f"{row['n_failed']:,} items failed: table failures says why"] if row["n_failed"] else []),
    ]
