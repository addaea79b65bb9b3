"""Explanations of generated scenes held against what the scenes show."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc
from jaxtyping import Int

from ilime_core.errors import InputError
from ilime_core.faithfulness.localisation import localise, regions_of_objects
from tasks.corpora.json_document import read_document
from tasks.corpora.scenes import SceneCorpus
from tasks.figures.pair_picture import PairPicture, read_pairs
from tasks.images import label_map_from_png
from tasks.runs import Run
from tasks.storage import Storage

__all__ = ["KINDS", "KindOfWord", "PlacedWord", "by_kind", "place_words"]

KINDS = ("size", "colour", "shape")
"""What the words of a phrase say, in their order."""

_FIELDS = ("regions", "filename", "spans", "char_start", "char_end", "label")


@dataclass(frozen=True, slots=True)
class PlacedWord:
    """A word that describes an object, and where its weights lie.

    Numbers are those of :class:`~ilime_core.faithfulness.localisation.Localisation`.
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


@dataclass(frozen=True, slots=True)
class _Phrase:
    start: int
    end: int
    label: int


def place_words(run: Run, corpus: SceneCorpus, estimator: str | None = None) -> Iterator[PlacedWord]:
    """Hold the matches of every scene with its own caption against the truth.

    Parameters
    ----------
    run
        A run over ``corpus`` that kept W.
    corpus
        As :func:`~tasks.corpora.scenes.materialise_scenes` laid it out.
    estimator
        Whose W; None takes the first of the run's spec.
    """
    phrases = _phrases(corpus)
    masks = Storage(str(corpus.masks))
    mine = run.table("pairs", ["pair_id"], pc.field("is_positive"))["pair_id"].to_pylist()
    for pair in read_pairs(run, mine, estimator):
        yield from _of_pair(
            pair, phrases[pair.image.title], label_map_from_png(masks.read_bytes(pair.image.title))
        )


def by_kind(words: Sequence[PlacedWord]) -> list[KindOfWord]:
    """Means over words of one kind, in the order of :data:`KINDS`; kinds without words are left out."""
    found: list[KindOfWord] = []
    for kind in KINDS:
        own = [(w.hit, w.hit_chance, w.right_mass, w.right_mass_chance) for w in words if w.kind == kind]
        if own:
            hit, hit_chance, mass, mass_chance = np.mean(own, axis=0, dtype=float).tolist()
            found.append(KindOfWord(kind, len(own), hit, hit_chance, mass, mass_chance))
    return found


def _phrases(corpus: SceneCorpus) -> Mapping[str, list[_Phrase]]:
    document = read_document(str(corpus.regions), _FIELDS)
    return {
        node.field("filename", "an image").text("an image"): [
            _Phrase(*(span.field(name, "a number").integer("a number") for name in _FIELDS[3:]))
            for span in node.field("spans", "the list of spans").items("the list of spans")
        ]
        for node in document.field("regions", "the list of regions").items("the list of regions")
    }


def _of_pair(
    pair: PairPicture, phrases: Sequence[_Phrase], objects: Int[np.ndarray, "height width"]
) -> Iterator[PlacedWord]:
    if objects.shape != pair.image.labels.shape:
        raise InputError(f"{pair.image.title}: the label map has another size than the picture")
    shown = regions_of_objects(pair.image.labels, objects, pair.image.n_segments, int(objects.max()))
    column, label, kind = [], [], []
    for number, word in enumerate(pair.text.words):
        for phrase in phrases:
            visible = phrase.label <= shown.shape[1] and shown[:, phrase.label - 1].any()
            if phrase.start <= word.start < phrase.end and visible:
                column.append(number)
                label.append(phrase.label - 1)
                kind.append(pair.text.caption[phrase.start : word.start].count(" "))
    if column:
        placed = localise(pair.weights[:, column], shown[:, label])
        for at, (number, which) in enumerate(zip(column, kind, strict=True)):
            yield PlacedWord(
                pair.pair_id,
                KINDS[which],
                pair.text.words[number].text,
                bool(placed.hits[at]),
                float(placed.hit_chance[at]),
                float(placed.right_mass[at]),
                float(placed.right_mass_chance[at]),
            )
