"""Candidates that a pair's item competes with, where the score is a share among them."""

from collections.abc import Mapping

import pyarrow.compute as pc
import torch
from jaxtyping import Float
from torch import Tensor

from ilime_core.errors import InputError
from tasks.run_files.committed import read_rows
from tasks.run_files.match_plan import OpaquePair
from tasks.run_files.plan import OpenRun
from tasks.runs.items import Item
from tasks.tables.row_filters import among
from tasks.tables.tensors import vectors

__all__ = ["Rivals"]


class Rivals:
    """Whole embeddings of the best candidates of some queries, from ``rankings`` and ``items``."""

    def __init__(self, run: OpenRun, items: Mapping[str, Item]) -> None:
        opaque = run.plan.parameters.opaque
        self._n_rivals = opaque.candidates - 1
        self._left_asks = opaque.direction == "left_to_right"
        asking = among("query_id", items) & (pc.field("direction") == opaque.direction)
        rows = read_rows(
            run.storage, run.commits("match", [0]), "rankings", ["query_id", "rank", "candidate_id"], asking
        ).sort_by([("query_id", "ascending"), ("rank", "ascending")])
        self._ranked: dict[str, list[str]] = {}
        for row in rows.to_pylist():
            self._ranked.setdefault(row["query_id"], []).append(row["candidate_id"])
        wanted = sorted({name for names in self._ranked.values() for name in names})
        found = read_rows(
            run.storage,
            run.commits("embed", [block.block for block in run.plan.embed_blocks]),
            "items",
            ["item_id", "embedding"],
            among("item_id", wanted),
        )
        embeddings = vectors(found["embedding"]) if found.num_rows else torch.zeros((0, 0))
        self._embeddings = dict(zip(found["item_id"].to_pylist(), embeddings, strict=True))

    def of(self, pair: OpaquePair) -> Float[Tensor, "rivals dim"]:
        """The best candidates of a pair's query beside its own.

        Raises
        ------
        InputError
            If there is none.
        """
        query, own = (pair.left_id, pair.right_id) if self._left_asks else (pair.right_id, pair.left_id)
        names = [name for name in self._ranked.get(query, ()) if name != own][: self._n_rivals]
        if not names:
            raise InputError(
                f"pair {pair.pair_id}: scorer softmax needs another candidate than its own; "
                "take scorer sigmoid"
            )
        return torch.stack([self._embeddings[name] for name in names]).double()
