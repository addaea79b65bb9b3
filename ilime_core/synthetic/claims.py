"""Claims of captions of generated scenes: reading, truth, and false variants."""

import re
from dataclasses import dataclass, replace
from itertools import permutations

import numpy as np
from jaxtyping import Bool

from ilime_core.errors import InputError
from ilime_core.synthetic.scenes import SIZES, Scene, SceneObject
from ilime_core.synthetic.shapes import COLOURS, SHAPES

__all__ = ["Claim", "exchanged", "holds", "one_word_wrong", "read_claim", "said_in_part"]

Words = tuple[str, str, str]

_KINDS = (tuple(SIZES), tuple(COLOURS), tuple(SHAPES))
_OPPOSITES = {"left of": "right of", "right of": "left of", "above": "below", "below": "above"}
_PHRASE = re.compile(r"a (\w+) (\w+) (\w+)")
_RELATION = re.compile("|".join(_OPPOSITES))


@dataclass(frozen=True, slots=True)
class Claim:
    """Objects as size, colour and shape; ``relation`` is between the first two, "" where there is one object.

    A word that was removed is "" too, see :func:`said_in_part`.
    """

    objects: tuple[Words, ...]
    relation: str

    @property
    def text(self) -> str:
        """The claim in words, as :func:`ilime_core.synthetic.scenes.describe` writes it."""
        first, *others = (f"a {' '.join(words)}" for words in self.objects)
        joints = [self.relation, *["and"] * len(others)]
        return " ".join(
            [first, *(f"{joint} {phrase}" for joint, phrase in zip(joints, others, strict=False))]
        )


def read_claim(text: str) -> Claim:
    """Parse a caption that was made by :func:`ilime_core.synthetic.scenes.describe`.

    Raises
    ------
    InputError
        If the caption is of another kind.
    """
    relation = _RELATION.search(text)
    claim = Claim(tuple(_PHRASE.findall(text)), relation.group() if relation else "")
    if not claim.objects or claim.text != text:
        raise InputError(f"a claim is read from a caption of a generated scene, got {text!r}")
    return claim


def holds(claim: Claim, scene: Scene) -> bool:
    """Return whether a scene has all objects of a claim, the first two in its relation.

    The relation of two objects is along the axis on which they are farther apart, so at most one relation is
    true of them.

    Parameters
    ----------
    claim
        Claim about a scene, maybe with words removed.
    scene
        Scene that it is checked against.

    Returns
    -------
    bool
        True if some choice of distinct objects fits the claim.
    """
    return any(
        all(_fits(words, item) for words, item in zip(claim.objects, chosen, strict=True))
        and (not claim.relation or claim.relation == _relation(*chosen[:2]))
        for chosen in permutations(scene.objects, len(claim.objects))
    )


def said_in_part(claim: Claim, kept: Bool[np.ndarray, " words"]) -> tuple[str, Claim]:
    """Remove words of a claim and return the text and claim that remain.

    Parameters
    ----------
    claim
        With all its words.
    kept
        One for each word of ``claim.text``, True keeps it. A relation is claimed if its first word is kept.

    Returns
    -------
    text
        The words that are kept.
    claim
        Claim of the kept words, each about the same object as in the whole text.

    Raises
    ------
    InputError
        If ``kept`` has another length than the text has words.
    """
    words = claim.text.split()
    if len(kept) != len(words):
        raise InputError(f"{claim.text!r} has {len(words)} words, got {len(kept)} to keep or leave out")
    said = [word if stays else "" for word, stays in zip(words, kept, strict=True)]
    starts = [place + 1 for place, word in enumerate(words) if word == "a"]
    objects = tuple((said[place], said[place + 1], said[place + 2]) for place in starts)
    relation = claim.relation if claim.relation and said[starts[0] + 3] else ""
    return " ".join(filter(None, said)), Claim(objects, relation)


def one_word_wrong(claim: Claim, scene: Scene, rng: np.random.Generator) -> Claim:
    """Return a false variant of a claim: one size, colour or shape replaced, or the relation reversed.

    Parameters
    ----------
    claim
        A true claim.
    scene
        Scene that it holds of.
    rng
        Source of the word and of its replacement.

    Returns
    -------
    Claim
        Does not hold of the scene.

    Raises
    ------
    InputError
        If the claim does not hold of the scene.
    """
    if not holds(claim, scene):
        raise InputError(f"only a true claim is made wrong, got {claim.text!r}")
    while True:
        place = int(rng.integers(3 * len(claim.objects) + bool(claim.relation)))
        wrong = _turned(claim) if place == 3 * len(claim.objects) else _replaced(claim, place, rng)
        if not holds(wrong, scene):
            return wrong


def exchanged(claim: Claim, scene: Scene, rng: np.random.Generator) -> Claim:
    """Return a false variant of a claim with a size, colour or shape of two objects exchanged.

    As a bag of words it is unchanged. Where every exchange leaves it true, or it has one object, one word is
    made wrong instead.

    Parameters
    ----------
    claim
        A true claim.
    scene
        Scene that it holds of.
    rng
        Source of the exchange.

    Returns
    -------
    Claim
        Does not hold of the scene.

    Raises
    ------
    InputError
        As :func:`one_word_wrong`.
    """
    swaps = [
        (kind, one, other)
        for kind in range(3)
        for one in range(len(claim.objects))
        for other in range(one)
        if claim.objects[one][kind] != claim.objects[other][kind]
    ]
    for at in rng.permutation(len(swaps)):
        kind, one, other = swaps[at]
        words = list(claim.objects)
        words[one] = _with(claim.objects[one], kind, claim.objects[other][kind])
        words[other] = _with(claim.objects[other], kind, claim.objects[one][kind])
        wrong = replace(claim, objects=tuple(words))
        if not holds(wrong, scene):
            return wrong
    return one_word_wrong(claim, scene, rng)


def _turned(claim: Claim) -> Claim:
    return replace(claim, relation=_OPPOSITES[claim.relation])


def _replaced(claim: Claim, place: int, rng: np.random.Generator) -> Claim:
    at, kind = divmod(place, 3)
    others = [word for word in _KINDS[kind] if word != claim.objects[at][kind]]
    words = list(claim.objects)
    words[at] = _with(words[at], kind, others[rng.integers(len(others))])
    return replace(claim, objects=tuple(words))


def _with(words: Words, kind: int, word: str) -> Words:
    size, colour, shape = (word if at == kind else kept for at, kept in enumerate(words))
    return size, colour, shape


def _fits(words: Words, item: SceneObject) -> bool:
    return all(word in ("", own) for word, own in zip(words, item.words, strict=True))


def _relation(one: SceneObject, other: SceneObject) -> str:
    across, down = other.x - one.x, other.y - one.y
    if abs(across) > abs(down):
        return "left of" if across > 0 else "right of"
    return "above" if down > 0 else "below"
