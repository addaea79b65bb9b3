"""Explanations of generated scenes compared with the ground truth of the scenes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc
from jaxtyping import Int

from ilime_core.errors import InputError
from ilime_core.faithfulness.placement import localise
from ilime_core.faithfulness.region_truth import RegionTruth
from ilime_core.faithfulness.truth_in_view import named_part, region_areas
from ilime_core.pictures.decoding import label_map_from_png
from tasks.corpora.demos.laying_out import LabelledCorpus
from tasks.corpora.regions.named_spans import NamedSpan, read_spans
from tasks.figures.pair_picture import PairPicture, read_pairs
from tasks.runs.run import Run
from tasks.storage.storage import Storage

__all__ = ["KINDS", "KindOfWord", "PlacedWord", "by_kind", "place_words"]

KINDS = ("size", "colour", "shape")
"""Kinds of the words of a phrase, in their order."""


@dataclass(frozen=True, slots=True)
class PlacedWord:
    """A word that describes an object, and the position of its weights.

    Numbers are those of :class:`~ilime_core.faithfulness.placement.Localisation`.
    """

    pair_id: str
    kind: str
    """size, colour or shape."""
    text: str
    hit: bool
    hit_chance: float
    right_mass: float
    right_mass_chance: float


@dataclass(frozen=True, slots=True)
class KindOfWord:
    """Means over the words of a kind."""

    kind: str
    n_words: int
    hit: float
    hit_chance: float
    right_mass: float
    right_mass_chance: float


def place_words(run: Run, corpus: LabelledCorpus, estimator: str | None = None) -> Iterator[PlacedWord]:
    """Compare the matches of every scene and its own caption with the ground truth.

    Parameters
    ----------
    run
        A run over ``corpus`` that kept W.
    corpus
        As :func:`~tasks.corpora.demos.scenes.materialise_scenes` laid it out.
    estimator
        Whose W; None takes the first of the run's spec.

    Yields
    ------
    PlacedWord
        One word of a caption at a time, with its localisation.
    """
    spans = {said.filename: said.spans for said in read_spans(str(corpus.regions))}
    label_maps = Storage(str(corpus.label_maps))
    mine = run.table("pairs", ["pair_id"], pc.field("is_positive"))["pair_id"].to_pylist()
    for pair in read_pairs(run, mine, estimator):
        yield from _of_pair(
            pair, spans[pair.image.title], label_map_from_png(label_maps.read_bytes(pair.image.title))
        )


def by_kind(words: Sequence[PlacedWord]) -> list[KindOfWord]:
    """Means over words of one kind, in the order of :data:`KINDS`; kinds without words are omitted."""
    found: list[KindOfWord] = []
    for kind in KINDS:
        own = [(w.hit, w.hit_chance, w.right_mass, w.right_mass_chance) for w in words if w.kind == kind]
        if own:
            hit, hit_chance, mass, mass_chance = np.mean(own, axis=0, dtype=float).tolist()
            found.append(KindOfWord(kind, len(own), hit, hit_chance, mass, mass_chance))
    return found


def _of_pair(
    pair: PairPicture, spans: Sequence[NamedSpan], objects: Int[np.ndarray, "height width"]
) -> Iterator[PlacedWord]:
    labels, n_regions = pair.image.labels, pair.image.n_segments
    if objects.shape != labels.shape:
        raise InputError(f"{pair.image.title}: the label map has another size than the picture")
    said = [
        tuple(n for n, word in enumerate(pair.text.words) if span.char_start <= word.start < span.char_end)
        for span in spans
    ]
    parts = tuple(
        named_part(words, objects == span.label, labels, n_regions)
        for words, span in zip(said, spans, strict=True)
    )
    shown = RegionTruth(parts, region_areas(labels, n_regions)).shown()
    seen = [(word, at) for at, words in enumerate(said) for word in sorted(words) if shown[:, at].any()]
    if not seen:
        return
    columns, at = ([pick[side] for pick in seen] for side in (0, 1))
    placed = localise(pair.weights[:, columns], shown[:, at])
    for row, (column, which) in enumerate(seen):
        word = pair.text.words[column]
        yield PlacedWord(
            pair.pair_id,
            KINDS[pair.text.caption[spans[which].char_start : word.start].count(" ")],
            word.text,
            bool(placed.hits[row]),
            float(placed.hit_chance[row]),
            float(placed.right_mass[row]),
            float(placed.right_mass_chance[row]),
        )
