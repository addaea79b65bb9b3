"""Forecast of a run's encodes, pairs and bytes, before any model is loaded."""

from collections import Counter
from dataclasses import dataclass, replace

import pyarrow.compute as pc

from ilime_core.modality import Modality
from tasks.corpora.contrasted_pairs import contrasted_pairs
from tasks.planning.draft import Draft
from tasks.spec.core_options import most_selection_encodes
from tasks.spec.estimator_kinds import item_estimators
from tasks.spec.mask_draws import MaskDraw
from tasks.stages.explain_cost import (
    LONG_TEXT,
    Listed,
    ScoredItems,
    asks_for_matches,
    draws_for_all,
    scored_items,
)
from tasks.stages.measure.cost import (
    kinds_of_sides,
    measured_pairs,
    most_measure_encodes,
    resolved_faithfulness,
)

__all__ = ["Budget", "estimate_budget", "select_encodes"]

ASSUMED_DIM = 512
CELL_BYTES, VALUE_BYTES = 8.4, 3.7
"""Measured sizes of a row of ``interactions`` and of a stored float, compressed."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Counts of one run; encodes are those that its stages embed and score will count."""

    n_images: int
    n_texts: int
    n_positives: int
    n_listed: int
    n_contrasts: int
    """Pairs of contrasts, correct and edited ones."""
    random_pairs_at_most: int
    embed_images: int
    embed_texts: int
    score_images: int
    score_texts: int
    fewest_score_images: int
    fewest_score_texts: int
    """Encodes of perturbed items if no adaptive budget grows; the same as above where budgets are fixed."""
    measured_pairs_at_most: int
    measure_encodes_at_most: int
    select_encodes_at_most: int
    storage_bytes: int
    is_exact: bool
    """False where encodes are an upper bound: a sample of queries, long captions, tokens, remote images,
    sliding blocks of images, adaptive budgets."""

    @property
    def image_encodes(self) -> int:
        """Image encodes of explain, without the perturbation metrics."""
        return self.embed_images + self.score_images

    @property
    def text_encodes(self) -> int:
        """Text encodes of explain, without the perturbation metrics."""
        return self.embed_texts + self.score_texts


def estimate_budget(draft: Draft) -> Budget:
    """Count what the drafted run will encode and write, nothing reused and no item failed."""
    parameters = draft.parameters.model_copy(update={"faithfulness": resolved_faithfulness(draft)})
    draft = replace(draft, parameters=parameters)
    kinds = draft.manifest["modality"].to_pylist()
    n_images, n_texts = kinds.count(Modality.IMAGE.value), kinds.count(Modality.TEXT.value)
    scored, draws = scored_items(draft), {one: MaskDraw.of(one, parameters) for one in Modality}
    n_pairs = measured_pairs(draft)
    everything = _knows_items(draft) and (
        bool(item_estimators(parameters))
        or not (scored.images or scored.texts)
        or parameters.opaque.sample >= draft.relevance.num_rows
    )
    short = scored.most_words <= LONG_TEXT and parameters.segmentation.text.unit == "word"
    return Budget(
        n_images=n_images,
        n_texts=n_texts,
        n_positives=draft.relevance.num_rows if parameters.pairs.positives else 0,
        n_listed=draft.named.num_rows,
        n_contrasts=contrasted_pairs(draft.contrasts).num_rows if parameters.pairs.contrasts else 0,
        random_pairs_at_most=_random_pairs(draft),
        embed_images=n_images,
        embed_texts=n_texts,
        score_images=sum(scored.image_encodes(draws[Modality.IMAGE])),
        score_texts=sum(scored.text_encodes(draws[Modality.TEXT])),
        fewest_score_images=sum(scored.image_encodes(draws[Modality.IMAGE].smallest)),
        fewest_score_texts=sum(scored.text_encodes(draws[Modality.TEXT].smallest)),
        measured_pairs_at_most=n_pairs,
        measure_encodes_at_most=most_measure_encodes(draft, n_pairs, scored.most_words),
        select_encodes_at_most=select_encodes(draft, scored.most_words).total(),
        storage_bytes=_storage(draft, scored),
        is_exact=everything
        and _is_local(draft)
        and short
        and not draws[Modality.IMAGE].is_placed
        and parameters.perturbation.adaptive.standard_error is None,
    )


def _knows_items(draft: Draft) -> bool:
    """Whether the items of the pairs are known before retrieval: all match, or only listed ones count."""
    pairs = draft.parameters.pairs
    if not asks_for_matches(pairs):
        return True
    held = contrasted_pairs(draft.contrasts if pairs.contrasts else draft.contrasts[:0])
    matched = {
        entry for known in (draft.relevance, held) for side in known.columns for entry in side.to_pylist()
    }
    every = draws_for_all(pairs) or len(matched) == draft.manifest.num_rows
    return pairs.positives and pairs.sample_queries is None and every


def _random_pairs(draft: Draft) -> int:
    """Most random pairs: two queries may draw one pair, and what an item matches is not drawn."""
    pairs = draft.parameters.pairs
    left, right = (sum(draft.manifest[side].to_pylist()) for side in ("left", "right"))
    # A sampled item that is on both sides is a query in both directions.
    asked = left + right if pairs.sample_queries is None else min(left + right, 2 * pairs.sample_queries)
    return min(pairs.random * asked, left * right)


def _is_local(draft: Draft) -> bool:
    """Whether fingerprints of images are digests, from which masks are drawn."""
    images = draft.manifest.filter(pc.field("modality") == Modality.IMAGE.value)
    return all((one or "").startswith("sha256:") for one in images["fingerprint"].to_pylist())


def select_encodes(listed: Listed, most_words: int) -> Counter[str]:
    """Most encodes of selecting, by modality; the number of segments with the costliest search is taken.

    Parameters
    ----------
    listed
        The planned run.
    most_words
        Words of the longest text.

    Returns
    -------
    Counter of str
        Upper bounds for the whole sample.
    """
    selection = listed.parameters.selection
    most = {
        Modality.IMAGE.value: listed.parameters.segmentation.image.n_segments,
        Modality.TEXT.value: most_words,
    }
    found: Counter[str] = Counter()
    for kind in kinds_of_sides(listed, selection.sides):
        each = max((most_selection_encodes(selection, n + 1) for n in range(most.get(kind, 0))), default=0)
        found[kind] += selection.sample * each
    return found


def _storage(draft: Draft, scored: ScoredItems) -> int:
    """Parquet bytes: W of positives and random pairs, effects and embeddings of scored items."""
    parameters = draft.parameters
    segments_of = dict.fromkeys(scored.images, scored.n_segments)
    segments_of |= {entry: words for entry, (_, words) in scored.texts.items()}
    pairs = zip(draft.relevance["left"].to_pylist(), draft.relevance["right"].to_pylist(), strict=True)
    # An empty caption has no segments, and its pairs no cells.
    cells = sum(segments_of.get(left, 0) * segments_of.get(right, 0) for left, right in pairs)
    cells += _random_pairs(draft) * (cells / max(1, draft.relevance.num_rows))
    held_out = parameters.perturbation.held_out
    vectors = len(scored.images) * (scored.n_segments + held_out.image * held_out.image_share + 60)
    vectors += sum(n + held_out.text * held_out.text_share + 60 for _, n in scored.texts.values())
    return round(len(parameters.estimators) * (cells * CELL_BYTES + vectors * ASSUMED_DIM * VALUE_BYTES))
