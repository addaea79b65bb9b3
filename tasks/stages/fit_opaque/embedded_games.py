"""Games of a read-out: answered from embeddings, most of which score has kept."""

from collections.abc import Callable, Mapping
from functools import cached_property, partial

import pyarrow as pa
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ilime_core.encoding.stopwatch import TimedEncoder
from ilime_core.errors import InternalError
from ilime_core.modality import Modality
from ilime_core.opaque.coalition_embeddings import CoalitionEmbeddings
from ilime_core.opaque.embedded_game import EmbeddedPairGame
from ilime_core.opaque.read_outs import ReadOut
from ilime_core.opaque.scorer_spec import ReadOutSpec
from ilime_core.opaque.scorers import SCORERS, ReadOutEntry
from ilime_core.pair_records import PairFitOptions
from ilime_core.protocols.pairs import PairGame
from tasks.process.models import encoder_of
from tasks.run_files.committed import read_rows
from tasks.run_files.match_plan import OpaqueBlock, OpaquePair
from tasks.run_files.plan import OpenRun
from tasks.runs.items import Item
from tasks.spec.core_options import given_rows, pair_options
from tasks.spec.mask_draws import MaskDraw
from tasks.stages.fit_opaque.candidates import Rivals
from tasks.stages.fit_opaque.pair_games import block_items
from tasks.stages.match.opaque_blocks import STAGE
from tasks.stages.score.perturb import StagePlace, encode_coalitions
from tasks.tables.arrays import grouped
from tasks.tables.counts import Counts
from tasks.tables.row_filters import among
from tasks.tables.tensors import masks_of, vectors

__all__ = ["EmbeddedGames"]

Encode = Callable[[Bool[Tensor, "rows segments"]], Float[Tensor, "rows dim"]]


class EmbeddedGames:
    """Games of the model's own embeddings; see `tasks.stages.fit_opaque.pair_games.PairGames`."""

    def __init__(self, run: OpenRun, planned: OpaqueBlock) -> None:
        self._run = run
        # Encodes here have no line of progress: this stage counts pairs.
        self._place = StagePlace(run, f"{STAGE} encodes", planned.reads)
        self.items, counts = block_items(run, planned)
        known = _known(run, planned, self.items)
        self._coalitions = {
            name: _coalitions(partial(self._encode, item), item, counts[name], known.get(name))
            for name, item in self.items.items()
        }
        draws = {modality.value: MaskDraw.of(modality, run.plan.parameters) for modality in Modality}
        # The masks that score has drawn depend on seed, modality and content alone.
        self._given = {
            name: given_rows(draws[item.modality].draw(item.sha256, counts[name]))
            for name, item in self.items.items()
        }

    def game(self, pair: OpaquePair) -> tuple[PairGame, PairFitOptions]:
        """A pair's game: a grid takes the masks that score has encoded."""
        left, right = self._coalitions[pair.left_id], self._coalitions[pair.right_id]
        given = self._given[pair.left_id], self._given[pair.right_id]
        options = pair_options(self._run.plan.parameters, given)
        return EmbeddedPairGame(left, right, self._read_out(pair)), options

    @property
    def cost(self) -> Counts:
        """Coalitions that score had not encoded."""
        counts = {modality.value: 0 for modality in Modality}
        for name, item in self.items.items():
            counts[item.modality] += self._coalitions[name].n_encoded
        seconds = self._encoder.seconds if sum(counts.values()) else 0.0
        return Counts(counts[Modality.IMAGE.value], counts[Modality.TEXT.value], encoder_seconds=seconds)

    @cached_property
    def _encoder(self) -> TimedEncoder:
        return TimedEncoder(encoder_of(self._run))

    @cached_property
    def _rivals(self) -> Rivals:
        return Rivals(self._run, self.items)

    def _encode(self, item: Item, masks: Bool[Tensor, "rows segments"]) -> Float[Tensor, "rows dim"]:
        wanted = {item.item_id: masks.numpy()}
        [found] = encode_coalitions(self._place, self._encoder, [item], wanted)
        if found.error is not None:
            raise found.error
        return found.embeddings

    def _read_out(self, pair: OpaquePair) -> ReadOut:
        opaque = self._run.plan.parameters.opaque
        entry = SCORERS[opaque.scorer]
        if not isinstance(entry, ReadOutEntry):
            raise InternalError(f"scorer {opaque.scorer!r} does not read embeddings")
        return entry.make(
            ReadOutSpec(opaque.scale, opaque.bias, opaque.direction, rivals=lambda: self._rivals.of(pair))
        )


def _known(run: OpenRun, planned: OpaqueBlock, items: Mapping[str, Item]) -> dict[str, pa.Table]:
    """Masks and embeddings that score has kept, by item."""
    columns = ["item_id", "set", "row", "mask", "embedding"]
    commits = run.commits("score", planned.reads)
    rows = read_rows(run.storage, commits, "embeddings", columns, among("item_id", items))
    return {name: own for (name,), own in grouped(rows, ["item_id"], ["set", "row"]).items()}


def _coalitions(encode: Encode, item: Item, n_segments: int, known: pa.Table | None) -> CoalitionEmbeddings:
    """Known rows of an item; the whole item alone where rows were copied from a run that kept none."""
    if known is None:
        whole = torch.ones((1, n_segments), dtype=torch.bool)
        return CoalitionEmbeddings(encode, whole, torch.from_numpy(item.embedding)[None])
    return CoalitionEmbeddings(encode, masks_of(known["mask"], n_segments), vectors(known["embedding"]))
