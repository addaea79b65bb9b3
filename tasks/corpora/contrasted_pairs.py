"""Pairs of the contrasts of a corpus, which match explains and plans count."""

import pyarrow as pa

from tasks.corpora.named_pairs import entry_pairs

__all__ = ["contrasted_pairs"]


def contrasted_pairs(contrasts: pa.Table) -> pa.Table:
    """Correct and edited pairs of manifest entries, left first, each once; rows of ``PAIR_SCHEMA``."""
    found: set[tuple[int, int]] = set()
    for row in contrasts.to_pylist():
        if row["edited"] is None:
            continue
        pairs = {(row["query"], row["correct"]), (row["query"], row["edited"])}
        found |= pairs if row["direction"] == "left_to_right" else {pair[::-1] for pair in pairs}
    return entry_pairs(found)
