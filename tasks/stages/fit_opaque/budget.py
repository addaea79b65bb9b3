"""Cost of the estimators of single pairs, counted with games without values before a model is loaded."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ilime_core.modality import Modality
from ilime_core.opaque.coalition_embeddings import CoalitionEmbeddings
from ilime_core.opaque.coefficients import is_within_bound
from ilime_core.opaque.embedded_game import EmbeddedPairGame
from ilime_core.opaque.read_outs import CosineReadOut
from ilime_core.opaque.registry import PAIR_ESTIMATORS
from ilime_core.opaque.tally import SilentGame, Tally
from ilime_core.pair_records import GivenRows, PairFitOptions
from ilime_core.protocols.pairs import PairGame
from tasks.planning.draft import Draft
from tasks.spec import ExplainParameters
from tasks.spec.core_options import given_rows, pair_options, pair_rng
from tasks.spec.estimator_kinds import pair_estimators
from tasks.spec.mask_draws import MaskDraw
from tasks.stages.explain_cost import seen_words
from tasks.stages.item_bounds import is_usable_text
from tasks.stages.match.opaque_blocks import pairs_per_block

__all__ = ["OpaqueBudget", "estimate_opaque"]

ASKED_PAIRS = 64
"""Most pairs that are counted one by one, by the estimators' algebra; of more, one counts for all."""


@dataclass(frozen=True, slots=True)
class OpaqueBudget:
    """Counts of stage fit-opaque, nothing failed and every fitted mask kept by score."""

    n_pairs: int
    scores: int
    """Distinct joint rows of a scorer with a model of its own."""
    image_encodes: int
    """Encodes of a read-out: coalitions that score does not encode."""
    text_encodes: int
    is_exact: bool
    """False where it is an upper bound: a sample of the pairs, or pairs that only match knows."""


@dataclass(frozen=True, slots=True)
class _Item:
    sha256: str
    n_segments: int
    modality: Modality


def estimate_opaque(draft: Draft) -> OpaqueBudget | None:
    """Count scores and encodes of the sampled pairs; None without an estimator of single pairs."""
    parameters = draft.parameters
    if not pair_estimators(parameters):
        return None
    items = _items(draft)
    columns = (draft.relevance[side].to_pylist() for side in ("left", "right"))
    pairs = [
        (items[x], items[y])
        for x, y in zip(*columns, strict=True)
        if x in items and y in items and _is_explained(parameters, items[x], items[y])
    ]
    chosen = parameters.pairs
    others = chosen.asks_retrieval or chosen.listed or chosen.sample_queries
    only_positives = chosen.positives and not others
    sample = parameters.opaque.sample
    if only_positives and len(pairs) <= min(sample, ASKED_PAIRS):
        together = not parameters.opaque.reads_embeddings or len(pairs) <= pairs_per_block(parameters)
        return _total(parameters, pairs, 1, is_exact=together and _is_known(draft))
    n_pairs = min(sample, len(pairs)) if only_positives else sample
    largest = max(pairs, key=lambda pair: pair[0].n_segments + pair[1].n_segments, default=None)
    return _total(parameters, [largest] if largest else [], n_pairs, is_exact=False)


def _is_explained(parameters: ExplainParameters, left: _Item, right: _Item) -> bool:
    """True if no estimator refuses the pair for its size; a refused pair fails before it is scored."""
    sizes = left.n_segments, right.n_segments
    return all(is_within_bound(name, *sizes) for name in pair_estimators(parameters))


def _total(
    parameters: ExplainParameters, pairs: list[tuple[_Item, _Item]], times: int, *, is_exact: bool
) -> OpaqueBudget:
    """Count every pair ``times`` times."""
    games = _Embedded(parameters) if parameters.opaque.reads_embeddings else _Scored(parameters)
    for left, right in pairs:
        if not is_exact:
            games.forget()
        game, options = games.game(left, right)
        for name in pair_estimators(parameters):
            PAIR_ESTIMATORS[name].make(game, options, pair_rng(parameters.seed, left.sha256, right.sha256))
    scores, images, texts = (times * count for count in games.counts())
    return OpaqueBudget(times * len(pairs), scores, images, texts, is_exact)


class _Scored:
    """Calls of a scorer, counted pair by pair: the estimators of a pair share scores."""

    def __init__(self, parameters: ExplainParameters) -> None:
        self._options = pair_options(parameters)
        self._tallies: list[Tally] = []

    def game(self, left: _Item, right: _Item) -> tuple[PairGame, PairFitOptions]:
        self._tallies.append(Tally(SilentGame(left.n_segments, right.n_segments)))
        return self._tallies[-1], self._options

    def forget(self) -> None:
        """Do nothing: pairs share no scores."""

    def counts(self) -> tuple[int, int, int]:
        return sum(tally.counts()[0] for tally in self._tallies), 0, 0


class _Embedded:
    """Coalitions of a read-out are counted item by item: pairs share embeddings, and know those of score."""

    def __init__(self, parameters: ExplainParameters) -> None:
        self._parameters = parameters
        self._draws = {modality: MaskDraw.of(modality, parameters) for modality in Modality}
        self._known: dict[_Item, tuple[CoalitionEmbeddings, GivenRows]] = {}
        self._made = dict.fromkeys(Modality, 0)

    def game(self, left: _Item, right: _Item) -> tuple[PairGame, PairFitOptions]:
        (x, given_x), (y, given_y) = self._item(left), self._item(right)
        return EmbeddedPairGame(x, y, CosineReadOut()), pair_options(self._parameters, (given_x, given_y))

    def counts(self) -> tuple[int, int, int]:
        self.forget()
        return 0, self._made[Modality.IMAGE], self._made[Modality.TEXT]

    def forget(self) -> None:
        """Pairs of another block encode again what those of this one have encoded."""
        for item, (coalitions, _) in self._known.items():
            self._made[item.modality] += coalitions.n_encoded
        self._known = {}

    def _item(self, item: _Item) -> tuple[CoalitionEmbeddings, GivenRows]:
        if item not in self._known:
            masks = self._draws[item.modality].draw(item.sha256, item.n_segments)
            ends = np.stack([np.zeros(item.n_segments, dtype=bool), np.ones(item.n_segments, dtype=bool)])
            known = torch.from_numpy(np.concatenate([masks.masks, masks.held_out, ends]))
            self._known[item] = CoalitionEmbeddings(_zeros, known, _zeros(known)), given_rows(masks)
        return self._known[item]


def _items(draft: Draft) -> Mapping[int, _Item]:
    """Items of the manifest that have segments; images as many as the spec wants."""
    return {row: item for row, item in _found(draft) if item.n_segments}


def _found(draft: Draft) -> Iterator[tuple[int, _Item]]:
    bounds = draft.parameters.segmentation
    wanted = bounds.image.n_segments
    for row in draft.manifest.select(["entry", "modality", "fingerprint", "text"]).to_pylist():
        image = row["modality"] == Modality.IMAGE.value
        usable = image or is_usable_text(row["text"], bounds)
        count = wanted if image else seen_words(row["text"], bounds) if usable else 0
        sha256 = (row["fingerprint"] or "").removeprefix("sha256:")
        yield row["entry"], _Item(sha256, count, Modality(row["modality"]))


def _zeros(rows: Tensor) -> Tensor:
    return torch.zeros(len(rows), 1)


def _is_known(draft: Draft) -> bool:
    """True if fingerprints are the digests that masks are drawn from, and words are the segments."""
    prints = draft.manifest["fingerprint"].to_pylist()
    local = all((one or "").startswith("sha256:") for one in prints)
    return local and draft.parameters.segmentation.text.unit == "word"
