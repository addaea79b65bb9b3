"""Inputs of the searches of a block of pairs: items, their ends, effects, candidates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc
import torch
from torch import Tensor

from ilime_core.modality import Modality
from ilime_core.segmentation.word_boundaries import normalise_word
from ilime_core.selection.fade import strongest_segments
from ilime_core.selection.lockstep import EncodedRows
from ilime_core.selection.question import SubsetQuestion
from tasks.run_files.committed import read_rows
from tasks.run_files.match_plan import item_blocks_of
from tasks.run_files.plan import OpenRun
from tasks.runs.items import Item, read_items
from tasks.runs.pairs import matched_pairs
from tasks.spec import SelectionParameters
from tasks.stages.score.perturb import segment_counts
from tasks.stages.select.candidates import CandidatePool, candidate_pool
from tasks.tables.arrays import item_runs
from tasks.tables.row_filters import among
from tasks.tables.tensors import vectors

__all__ = ["Asked", "SelectInputs"]

OTHER = {"left": "right", "right": "left"}


@dataclass(frozen=True, slots=True)
class Asked:
    """One side of a pair, whose segments are chosen."""

    pair_id: str
    side: str
    item_id: str
    other_id: str


class SelectInputs:
    """Reads each table once for all pairs of a block.

    Parameters
    ----------
    run, parameters
        Run whose rows are read, and the section of the spec.
    pair_ids
        Pairs of the block.
    gated
        True if the text tower has gates: where the mask word replaces a word, they mix the two.
    """

    def __init__(
        self, run: OpenRun, parameters: SelectionParameters, pair_ids: Sequence[str], *, gated: bool
    ) -> None:
        self._run = run
        self._half_words = gated and run.plan.parameters.perturbation.text_removal == "mask"
        self._parameters = parameters
        pairs = matched_pairs(run, pair_ids)
        ids = sorted({pair.item_id(side) for pair in pairs for side in OTHER})
        self.items: dict[str, Item] = read_items(run, ids)
        self.blocks = tuple(item_blocks_of(run, ids))
        self._counts = segment_counts(run, self.blocks, ids)
        # Sorted by id like the blocks, so that rows of a round have one order on every machine.
        self.asked = [
            Asked(pair.pair_id, side, pair.item_id(side), pair.item_id(OTHER[side]))
            for pair in sorted(pairs, key=lambda pair: (pair.left_id, pair.right_id))
            for side in parameters.sides
            if self._can_be_asked(pair.item_id(side))
        ]

    def known(self) -> dict[str, EncodedRows]:
        """Embeddings of the empty and of the whole item, of every perturbed item, as committed."""
        return {
            one.item_id: EncodedRows(self._empty[one.item_id].double(), self._whole(one.item_id))
            for one in self.asked
        }

    def pool(self, asked: Asked) -> CandidatePool:
        """Candidates from the side of the answer."""
        return candidate_pool(self._run, OTHER[asked.side])

    def question(self, asked: Asked) -> SubsetQuestion:
        """Question that every search method answers for one side of a pair."""
        pool, full = self.pool(asked), self._whole(asked.item_id)
        answer = self._whole(asked.other_id)
        return SubsetQuestion(
            n_segments=self._counts[asked.item_id],
            empty=self._empty[asked.item_id].double(),
            full=full,
            answer=answer,
            rivals=pool.wrong(asked.item_id, full, asked.other_id, self._parameters.candidates - 1),
            pool=pool.embeddings,
            own_place=pool.places.get(asked.item_id),
            matching=pool.matches(asked.item_id),
            effects=self._effects.get(asked.item_id),
            faded=self._faded(asked, answer),
            continuous=self._half_words or self.items[asked.item_id].modality == Modality.IMAGE.value,
        )

    def _can_be_asked(self, item_id: str) -> bool:
        return self._counts.get(item_id, 0) > 0 and item_id in self._empty

    def _whole(self, item_id: str) -> Tensor:
        return torch.from_numpy(self.items[item_id].embedding).double()

    @cached_property
    def _empty(self) -> Mapping[str, Tensor]:
        rows = self._scored("embeddings", ["item_id", "embedding"], pc.field("set") == "empty")
        if not rows.num_rows:
            return {}
        return dict(zip(rows["item_id"].to_pylist(), vectors(rows["embedding"]), strict=True))

    @cached_property
    def _effects(self) -> Mapping[str, Tensor]:
        """Effects of the first estimator with effects as wide as embeddings; they only save encodes."""
        for estimator in self._run.plan.parameters.estimators:
            rows = self._scored(
                "effects", ["item_id", "segment", "effect"], pc.field("estimator") == estimator
            )
            if rows.num_rows and len(rows["effect"][0]) == len(next(iter(self.items.values())).embedding):
                rows, first, counts = item_runs(rows, "segment")
                names, values = rows["item_id"].to_pylist(), vectors(rows["effect"]).double()
                return {
                    names[start]: values[start : start + count]
                    for start, count in zip(first.tolist(), counts.tolist(), strict=True)
                }
        return {}

    def _faded(self, asked: Asked, answer: Tensor) -> tuple[int, ...]:
        """The strongest segments; of a shared word itself, or what it interacts with most."""
        if "fade" not in self._parameters.methods:
            return ()
        own = self._effects.get(asked.item_id)
        if self._parameters.word:
            named = self._named_segments(asked.item_id)
            if named or own is None:
                return named
            others = self._named_segments(asked.other_id)
            effects = self._effects.get(asked.other_id)
            if effects is None or not others:
                return ()
            return strongest_segments(own, effects[list(others)].sum(dim=0), 1)
        return () if own is None else strongest_segments(own, answer, self._parameters.faded)

    def _named_segments(self, item_id: str) -> tuple[int, ...]:
        """Segments of an item that are the shared word; none of an image."""
        return self._words.get(item_id, ())

    @cached_property
    def _words(self) -> Mapping[str, tuple[int, ...]]:
        run, word = self._run, normalise_word(self._parameters.word)
        rows = read_rows(
            run.storage,
            run.commits("segment", self.blocks),
            "segments",
            ["item_id", "segment", "word", "truncated"],
            among("item_id", self.items) & pc.field("word").is_valid(),
        ).sort_by([("item_id", "ascending"), ("segment", "ascending")])
        found: dict[str, tuple[int, ...]] = {}
        for row in rows.to_pylist():
            if row["word"] == word and not row["truncated"]:
                found[row["item_id"]] = (*found.get(row["item_id"], ()), row["segment"])
        return found

    def _scored(self, table: str, columns: list[str], wanted: pc.Expression) -> pa.Table:
        run = self._run
        mine = among("item_id", self.items)
        return read_rows(run.storage, run.commits("score", self.blocks), table, columns, wanted & mine)
