"""Cost of explaining: encodes of every item, estimated from the corpus listing."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

import pyarrow as pa

from ilime_core.modality import Modality
from ilime_core.segmentation.word_boundaries import word_spans
from tasks.corpora.contrasted_pairs import contrasted_pairs
from tasks.spec import ExplainParameters, PairParameters, SegmentationParameters
from tasks.spec.estimator_kinds import item_estimators
from tasks.spec.mask_draws import MaskDraw
from tasks.stages.item_bounds import is_usable_text

__all__ = [
    "LONG_TEXT",
    "Listed",
    "ScoredItems",
    "asks_for_matches",
    "draws_for_all",
    "encodes_by_modality",
    "explain_encodes",
    "score_encodes",
    "scored_items",
    "seen_words",
]

COUNTED = 1_000
"""Items of a modality that are counted for a rough figure; their mean is used for all others."""

LONG_TEXT = 40
"""Captions of more words may be cut off by the model: their encodes are then an upper bound."""

_MOST_DRAWN = {Modality.IMAGE: 19, Modality.TEXT: LONG_TEXT}
"""Items of so few segments repeat coalitions: their masks are drawn and counted, not computed."""


class Listed(Protocol):
    """A spec with the corpus that it names, as drafts and frozen plans hold them."""

    @property
    def parameters(self) -> ExplainParameters:
        """The spec."""
        ...

    @property
    def manifest(self) -> pa.Table:
        """Items of the corpus."""
        ...

    @property
    def relevance(self) -> pa.Table:
        """Entries of the manifest that match."""
        ...

    @property
    def contrasts(self) -> pa.Table:
        """Contrasts, by entries of the manifest."""
        ...

    @property
    def named(self) -> pa.Table:
        """Entries of the manifest that ``pairs.listed`` pairs."""
        ...


@dataclass(frozen=True, slots=True)
class ScoredItems:
    """Items that stage score perturbs, by their entry in the manifest.

    Attributes
    ----------
    images
        Fingerprint of each image.
    texts
        Fingerprint and number of words of each usable text.
    n_segments
        Wanted of an image.
    """

    images: Mapping[int, str]
    texts: Mapping[int, tuple[str, int]]
    n_segments: int

    @property
    def most_words(self) -> int:
        """Words of the longest text."""
        return max((words for _, words in self.texts.values()), default=0)

    def image_encodes(self, draw: MaskDraw) -> Iterator[int]:
        """Encodes of every image."""
        return (score_encodes(draw, one, self.n_segments) for one in self.images.values())

    def text_encodes(self, draw: MaskDraw) -> Iterator[int]:
        """Encodes of every text."""
        return (score_encodes(draw, one, words) for one, words in self.texts.values())


def scored_items(listed: Listed) -> ScoredItems:
    """Items of the matches; a scorer of pairs needs no embedding of a masked item."""
    parameters = listed.parameters
    bounds = parameters.segmentation
    scored: set[int] = set()
    # A read-out needs those of the sampled pairs alone.
    if item_estimators(parameters) or parameters.opaque.reads_embeddings:
        wanted = [listed.named, *([listed.relevance] if asks_for_matches(parameters.pairs) else [])]
        if parameters.pairs.contrasts or parameters.pairs.asks_retrieval:  # an edited caption may win, too
            wanted.append(contrasted_pairs(listed.contrasts))
        scored = {
            entry for pairs in wanted for side in ("left", "right") for entry in pairs[side].to_pylist()
        }
        if draws_for_all(parameters.pairs):
            scored.update(listed.manifest["entry"].to_pylist())
    columns = listed.manifest.select(["entry", "modality", "fingerprint", "text"]).to_pylist()
    rows = [row for row in columns if row["entry"] in scored]
    return ScoredItems(
        {row["entry"]: row["fingerprint"] or "" for row in rows if row["modality"] == Modality.IMAGE.value},
        {
            row["entry"]: (row["fingerprint"], seen_words(row["text"], bounds))
            for row in rows
            if row["modality"] == Modality.TEXT.value and is_usable_text(row["text"], bounds)
        },
        bounds.image.n_segments,
    )


def asks_for_matches(pairs: PairParameters) -> bool:
    """True if pairs beside the listed ones are explained; matches approximate them until retrieval."""
    return pairs.positives or pairs.asks_retrieval


def draws_for_all(pairs: PairParameters) -> bool:
    """True if every item is in a pair: it gets a random candidate, or every pair is asked for."""
    return pairs.all or (pairs.random > 0 and pairs.sample_queries is None)


def explain_encodes(listed: Listed, scored: ScoredItems) -> int:
    """Return about how many encodes explaining takes; other stages are compared with it.

    Parameters
    ----------
    listed
        Spec and its corpus.
    scored
        Items that stage score perturbs.

    Returns
    -------
    int
        Encodes of whole and of perturbed items; of more than COUNTED items extrapolated from the first.
    """
    return sum(encodes_by_modality(listed, scored).values())


def encodes_by_modality(listed: Listed, scored: ScoredItems) -> dict[Modality, int]:
    """As `explain_encodes`, images and texts by themselves.

    Parameters
    ----------
    listed, scored
        As of `explain_encodes`.

    Returns
    -------
    dict of Modality to int
        Both modalities; 0 for one that the corpus has none of.
    """
    parameters = listed.parameters
    kinds = listed.manifest["modality"].to_pylist()
    # Every sampled query has an item of its own, and may share its matches with others.
    most = parameters.pairs.sample_queries or listed.manifest.num_rows
    image_draw, text_draw = (MaskDraw.of(modality, parameters) for modality in Modality)
    perturbed = {
        Modality.IMAGE: _about(scored.image_encodes(image_draw), min(len(scored.images), most)),
        Modality.TEXT: _about(scored.text_encodes(text_draw), min(len(scored.texts), most)),
    }
    return {one: kinds.count(one.value) + encodes for one, encodes in perturbed.items()}


def _about(encodes: Iterable[int], n_items: int) -> int:
    counted = list(islice(encodes, min(n_items, COUNTED)))
    return round(sum(counted) * n_items / len(counted)) if counted else 0


def score_encodes(draw: MaskDraw, fingerprint: str, n_segments: int) -> int:
    """Encodes of an item beside the whole one.

    Parameters
    ----------
    draw
        Draw of the masks of the item's modality.
    fingerprint
        Content fingerprint; seeds the masks.
    n_segments
        Regions or words that are perturbed; 0 costs nothing.

    Returns
    -------
    int
        Counted from the drawn masks where few segments repeat coalitions, else computed.
    """
    if not n_segments:
        return 0
    sha256 = fingerprint.removeprefix("sha256:")
    # Sets of rows overlap: only what was drawn can be counted.
    if (
        n_segments > _MOST_DRAWN[draw.modality]
        and draw.request.design == "foldover"
        and not draw.request.further
    ):
        return draw.n_encodes_at_most(sha256, n_segments)
    masks = draw.draw(sha256, n_segments)
    # The order of words is known, and not yet where regions lie.
    drawn = masks.n_encodes if draw.modality is Modality.TEXT else masks.n_encodes_at_most
    return drawn + draw.inside(n_segments)


def seen_words(text: str, bounds: SegmentationParameters) -> int:
    """Words of a text, as far as they are explained.

    Parameters
    ----------
    text
        Caption as the corpus holds it.
    bounds
        Section of the spec with the unit and the largest number of segments.

    Returns
    -------
    int
        Number of words.
    """
    return min(len(word_spans(text)), bounds.text.max_segments)
