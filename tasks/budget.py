"""What a run will cost, before any model is loaded: encodes, pairs, storage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from ilime_core.perturbation.foldover import foldover_rows
from ilime_core.records import Modality
from ilime_core.segmentation.words import word_spans
from tasks.estimator_kinds import item_estimators
from tasks.item_bounds import is_usable_text
from tasks.masks import MaskDraw
from tasks.measure_budget import encodes_of_item, refit_encodes
from tasks.parameters import ExplainParameters, SegmentationParameters
from tasks.planning import Draft
from tasks.selection_options import most_selection_encodes

__all__ = ["Budget", "estimate_budget", "score_encodes_of_image", "score_encodes_of_text", "seen_words"]

DRAWN_BELOW = 20
"""Images of fewer segments repeat coalitions: their masks are drawn and counted, not computed."""

LONG_TEXT = 40
"""Captions of more words may be cut off by the model: their encodes are then an upper bound."""

ASSUMED_DIM = 512
CELL_BYTES, VALUE_BYTES = 8.4, 3.7
"""Measured sizes of a row of ``interactions`` and of a stored float, compressed."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Counts of one run; encodes are those that its stages embed and score will count."""

    n_images: int
    n_texts: int
    n_positives: int
    embed_images: int
    embed_texts: int
    score_images: int
    score_texts: int
    measured_pairs_at_most: int
    measure_encodes_at_most: int
    select_encodes_at_most: int
    storage_bytes: int
    is_exact: bool
    """False where encodes are an upper bound: a sample of queries, long captions, tokens, remote images,
    sliding blocks of images."""

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
    parameters = draft.parameters
    bounds = parameters.segmentation
    images = [row for row in draft.manifest.to_pylist() if row["modality"] == Modality.IMAGE.value]
    texts = [row for row in draft.manifest.to_pylist() if row["modality"] == Modality.TEXT.value]
    matched = {*draft.relevance["left"].to_pylist(), *draft.relevance["right"].to_pylist()}
    image_draw, text_draw = (MaskDraw.of(modality, parameters) for modality in Modality)
    n_segments = parameters.segmentation.image.n_segments
    all_items = bool(item_estimators(parameters))
    # A scorer of pairs needs no embedding of a masked item, and a read-out those of the sampled pairs alone.
    scored = matched if all_items or parameters.opaque.reads_embeddings else set[int]()
    scored_images = [row for row in images if row["entry"] in scored]
    scored_texts = [row for row in texts if row["entry"] in scored and is_usable_text(row["text"], bounds)]
    words = {row["entry"]: seen_words(row["text"], bounds) for row in scored_texts}
    everything = (
        parameters.pairs.positives
        and parameters.pairs.sample_queries is None
        and len(matched) == len(images) + len(texts)
        and (all_items or not scored or parameters.opaque.sample >= draft.relevance.num_rows)
    )
    local = all((row["fingerprint"] or "").startswith("sha256:") for row in images)
    short = max(words.values(), default=0) <= LONG_TEXT and parameters.segmentation.text.unit == "word"
    return Budget(
        n_images=len(images),
        n_texts=len(texts),
        n_positives=draft.relevance.num_rows,
        embed_images=len(images),
        embed_texts=len(texts),
        score_images=sum(
            score_encodes_of_image(image_draw, row["fingerprint"] or "", n_segments) for row in scored_images
        ),
        score_texts=sum(
            score_encodes_of_text(text_draw, row["fingerprint"], words[row["entry"]]) for row in scored_texts
        ),
        measured_pairs_at_most=_measured_pairs(draft),
        measure_encodes_at_most=_measure_encodes(draft, len(images), max(words.values(), default=0)),
        select_encodes_at_most=_select_encodes(draft, max(words.values(), default=0)),
        storage_bytes=_storage(parameters, draft, words, scored_images),
        is_exact=everything and local and short and not image_draw.is_placed,
    )


def score_encodes_of_image(draw: MaskDraw, fingerprint: str, n_segments: int) -> int:
    """Encodes of an image that is cut into so many segments, beside the whole image."""
    sha256 = fingerprint.removeprefix("sha256:")
    # Sets of rows overlap: only what was drawn can be counted.
    if n_segments < DRAWN_BELOW or draw.request.design != "foldover" or draw.request.further:
        return draw.draw(sha256, n_segments).n_encodes_at_most + draw.inside(n_segments)
    return _of_whole_blocks(draw, sha256, n_segments)


def score_encodes_of_text(draw: MaskDraw, fingerprint: str, n_words: int) -> int:
    """Encodes of a text of so many words, beside the whole text; of few words its masks are drawn."""
    if not n_words:
        return 0
    if n_words > LONG_TEXT and draw.request.design == "foldover" and not draw.request.further:
        return _of_whole_blocks(draw, fingerprint.removeprefix("sha256:"), n_words)
    return draw.draw(fingerprint.removeprefix("sha256:"), n_words).n_encodes + draw.inside(n_words)


def seen_words(text: str, bounds: SegmentationParameters) -> int:
    """Words of a text, as far as they are explained."""
    return min(len(word_spans(text)), bounds.text.max_segments)


def _of_whole_blocks(draw: MaskDraw, sha256: str, n_segments: int) -> int:
    """Of many segments no coalition is drawn twice, and nothing has to be drawn to be counted."""
    shapley = draw.request.shapley_masks + draw.request.shapley_masks % 2
    held_out = foldover_rows(n_segments, draw.held_out) if draw.is_held_out(sha256) else 0
    masks = foldover_rows(n_segments, draw.request.n_masks) + shapley + held_out
    return 1 + masks + draw.inside(n_segments)


def _measured_pairs(draft: Draft) -> int:
    """Pairs that are measured, as far as they are known before retrieval: at most."""
    parameters = draft.parameters
    faithfulness, pairs = parameters.faithfulness, parameters.pairs
    if not faithfulness.measures:
        return 0
    if faithfulness.pairs:
        return len(faithfulness.pairs)
    further = pairs.errors or pairs.retrieved or pairs.hard_negatives or pairs.listed or pairs.sample_queries
    return faithfulness.sample if further else min(faithfulness.sample, draft.relevance.num_rows)


def _measure_encodes(draft: Draft, n_images: int, most_words: int) -> int:
    """Of items of the largest size. A left item is encoded once for its pairs, a right one for each."""
    parameters = draft.parameters
    faithfulness = parameters.faithfulness
    n_pairs = _measured_pairs(draft)
    if not n_pairs:
        return 0
    n_explanations = len(faithfulness.estimators or parameters.estimators)
    sizes = {
        Modality.IMAGE.value: parameters.segmentation.image.n_segments,
        Modality.TEXT.value: most_words,
    }
    left, right = _kinds(draft, ("left", "right"))
    n_left = min(n_pairs, n_images if left == Modality.IMAGE.value else n_pairs)
    # Shared evenly an item's orders cost most: what an item may need grows ever more slowly.
    shared = n_explanations * -(-n_pairs // n_left)
    total = n_left * encodes_of_item(faithfulness, sizes.get(left, 0), shared)
    total += n_pairs * encodes_of_item(faithfulness, sizes.get(right, 0), n_explanations)
    return total + min(n_pairs, faithfulness.refits.sample) * refit_encodes(
        parameters, [(kind, sizes.get(kind, 0)) for kind in (left, right)]
    )


def _kinds(draft: Draft, sides: Sequence[str]) -> list[str]:
    """Modality of each side; none where a side is empty."""
    columns = draft.manifest.select(["modality", *sides]).to_pylist()
    return [next((row["modality"] for row in columns if row[side]), "") for side in sides]


def _select_encodes(draft: Draft, most_words: int) -> int:
    """Whatever the number of segments: few may take more, because they are searched through."""
    selection = draft.parameters.selection
    most = {
        Modality.IMAGE.value: draft.parameters.segmentation.image.n_segments,
        Modality.TEXT.value: most_words,
    }
    kinds = _kinds(draft, selection.sides)
    each = sum(
        max((most_selection_encodes(selection, n + 1) for n in range(most.get(kind, 0))), default=0)
        for kind in kinds
    )
    return selection.sample * each


def _storage(
    parameters: ExplainParameters,
    draft: Draft,
    words: Mapping[int, int],
    scored_images: Sequence[Mapping[str, object]],
) -> int:
    """Parquet bytes: W of the positives, effects and embeddings of the items that are scored."""
    n_segments = parameters.segmentation.image.n_segments
    segments_of = dict(words) | {cast("int", row["entry"]): n_segments for row in scored_images}
    pairs = zip(draft.relevance["left"].to_pylist(), draft.relevance["right"].to_pylist(), strict=True)
    # An empty caption has no segments, and its pairs no cells.
    cells = sum(segments_of.get(left, 0) * segments_of.get(right, 0) for left, right in pairs)
    held_out = parameters.perturbation.held_out
    vectors = len(scored_images) * (n_segments + held_out.image * held_out.image_share + 60)
    vectors += sum(n + held_out.text * held_out.text_share + 60 for n in words.values())
    return round(len(parameters.estimators) * (cells * CELL_BYTES + vectors * ASSUMED_DIM * VALUE_BYTES))
