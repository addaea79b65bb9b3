"""Training batches of generated scenes with captions, some with near-identical variants."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from jaxtyping import Bool, UInt8

from ilime_core.errors import InputError
from ilime_core.synthetic.claims import Claim, holds, one_word_wrong, read_claim, said_in_part
from ilime_core.synthetic.scenes import (
    SIZES,
    Scene,
    SceneCaption,
    SceneObject,
    describe,
    draw_scene,
    render,
)
from ilime_core.synthetic.shapes import COLOURS, SHAPES

__all__ = ["BatchPlan", "SceneBatch", "altered", "held_out_pairs", "held_out_scenes", "scene_batch", "twin"]

_HELD_OUT = 10**6
"""Used in place of a batch's number in the seeds of held-out scenes."""

_PATCHES = 8
"""To a side of a picture, of those that are painted over: each is one patch of the model's."""

_LEAST_KEPT = 0.3
"""Smallest share of words or patches that stay where some go; a share is drawn from here to 1."""

_GREYS = (60, 120)
"""That patches are painted over with: the range of the grounds."""

_TRIES = 4


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """Composition of batches.

    Attributes
    ----------
    n_pairs
        Of a batch.
    twins
        Share of scenes that are followed by a :func:`twin`.
    altered
        Share of scenes that are followed by a copy in which one object has another size, colour or shape.
    partial
        Share of captions that leave objects out.
    gaps
        Share of captions from which any words are removed. Explanations score such captions, so the model
        has to be trained on them.
    erased
        Share of pictures with patches painted over in some grey, for the same reason.
    side
        Of the pictures, in pixels.
    """

    n_pairs: int = 256
    twins: float = 0.25
    altered: float = 0.5
    partial: float = 0.1
    gaps: float = 0.3
    erased: float = 0.15
    side: int = 64


@dataclass(frozen=True, slots=True, eq=False)
class SceneBatch:
    """Pictures and their captions, in the same order.

    Attributes
    ----------
    wrong
        Beside each caption the same with one word wrong.
    """

    pixels: UInt8[np.ndarray, "batch side side 3"]
    texts: tuple[str, ...]
    wrong: tuple[str, ...]


def scene_batch(plan: BatchPlan, seed: int, number: int) -> SceneBatch:
    """Draw one of the batches of a seed.

    A batch depends on its seed and number alone, not on the batches drawn before it.

    Parameters
    ----------
    plan
        Composition of the batch.
    seed
        Seed of the batches.
    number
        Number of the batch, 0 to 999,999.

    Returns
    -------
    SceneBatch
        ``plan.n_pairs`` pictures with captions.

    Raises
    ------
    InputError
        If the number is not below a million: there the held-out scenes begin.
    """
    if not 0 <= number < _HELD_OUT:
        raise InputError(f"batches are numbered from 0 to {_HELD_OUT - 1:,}, got {number}")
    rng = np.random.default_rng([seed, number])
    scenes: list[Scene] = []
    while len(scenes) < plan.n_pairs:
        scene = draw_scene(rng)
        scenes.append(scene)
        if rng.random() < plan.twins:
            scenes.append(twin(scene, rng))
        if rng.random() < plan.altered:
            scenes.append(altered(scene, rng))
    del scenes[plan.n_pairs :]
    captions = [_captions(scene, plan, rng) for scene in scenes]
    pictures = [_erased(render(scene, plan.side)[0], plan.erased, rng) for scene in scenes]
    return SceneBatch(
        np.stack(pictures), tuple(right for right, _ in captions), tuple(wrong for _, wrong in captions)
    )


def held_out_pairs(n_scenes: int, seed: int) -> tuple[tuple[Scene, SceneCaption], ...]:
    """Draw scenes with whole captions from streams that :func:`scene_batch` never reads.

    The first scenes of a seed are the same however many are drawn.

    Parameters
    ----------
    n_scenes
        Scenes to draw.
    seed
        Seed of the batches.

    Returns
    -------
    tuple
        Each scene with its caption.
    """
    streams = (np.random.default_rng([seed, _HELD_OUT, number]) for number in range(n_scenes))
    return tuple((scene, describe(scene, rng)) for rng in streams for scene in [draw_scene(rng)])


def held_out_scenes(n_scenes: int, seed: int, side: int = 64) -> SceneBatch:
    """Render the scenes of :func:`held_out_pairs`.

    Parameters
    ----------
    n_scenes
        Scenes to draw.
    seed
        Seed of the batches.
    side
        Side of the pictures in pixels.

    Returns
    -------
    SceneBatch
        Whole pictures with true captions, and captions with one word wrong.
    """
    pairs = held_out_pairs(n_scenes, seed)
    rng = np.random.default_rng([seed, _HELD_OUT])
    return SceneBatch(
        np.stack([render(scene, side)[0] for scene, _ in pairs]),
        tuple(caption.text for _, caption in pairs),
        tuple(one_word_wrong(read_claim(caption.text), scene, rng).text for scene, caption in pairs),
    )


def twin(scene: Scene, rng: np.random.Generator) -> Scene:
    """Return a scene with colour or shape of two objects exchanged, or mirrored where that would change
    nothing.

    Both scenes have the same words in their captions: only the assignment of words to objects, or of objects
    to places, differs.

    Parameters
    ----------
    scene
        Scene of two or more objects.
    rng
        Source of the exchange and of the new noise.

    Returns
    -------
    Scene
        The variant.

    Raises
    ------
    InputError
        If the scene has a single object.
    """
    if len(scene.objects) < 2:
        raise InputError("a scene of one object has no twin; draw two or more")
    exchanged = list(_exchanged(scene.objects))
    objects = exchanged[rng.integers(len(exchanged))] if exchanged else _mirrored(scene.objects)
    return replace(scene, objects=objects, noise_seed=int(rng.integers(2**31)))


def altered(scene: Scene, rng: np.random.Generator) -> Scene:
    """Return a scene with one object of another size, colour or shape; its old caption is wrong in that word.

    Only large objects change their size: a small one might not have the room.

    Parameters
    ----------
    scene
        Any scene.
    rng
        Source of the change and of the new noise.

    Returns
    -------
    Scene
        The variant.
    """
    kinds = [
        (place, kind)
        for place, item in enumerate(scene.objects)
        for kind in ("size", "colour", "shape")
        if kind != "size" or item.size == "large"
    ]
    while True:
        place, kind = kinds[rng.integers(len(kinds))]
        objects = [*scene.objects]
        objects[place] = _with_another(objects[place], kind, rng)
        if len({item.words for item in objects}) == len(objects):
            return replace(scene, objects=tuple(objects), noise_seed=int(rng.integers(2**31)))


def _with_another(item: SceneObject, kind: str, rng: np.random.Generator) -> SceneObject:
    if kind == "size":
        return replace(item, size="small", radius=float(rng.uniform(*SIZES["small"])))
    own, words = (item.colour, COLOURS) if kind == "colour" else (item.shape, SHAPES)
    others = [word for word in words if word != own]
    return replace(item, **{kind: others[rng.integers(len(others))]})


def _exchanged(objects: tuple[SceneObject, ...]) -> Iterator[tuple[SceneObject, ...]]:
    """All exchanges of one property between two objects that leave no two objects alike."""
    for first, second in combinations(range(len(objects)), 2):
        one, other = objects[first], objects[second]
        for taken, given in (
            (replace(one, colour=other.colour), replace(other, colour=one.colour)),
            (replace(one, shape=other.shape), replace(other, shape=one.shape)),
        ):
            new = [*objects]
            new[first], new[second] = taken, given
            if taken != one and len({item.words for item in new}) == len(new):
                yield tuple(new)


def _mirrored(objects: tuple[SceneObject, ...]) -> tuple[SceneObject, ...]:
    """Mirror along the axis on which the first two are farther apart, so that their relation changes."""
    first, second = objects[:2]
    if abs(first.x - second.x) > abs(first.y - second.y):
        return tuple(replace(item, x=1.0 - item.x) for item in objects)
    return tuple(replace(item, y=1.0 - item.y) for item in objects)


def _captions(scene: Scene, plan: BatchPlan, rng: np.random.Generator) -> tuple[str, str]:
    """A caption that is true, and the same with a word wrong."""
    fewer = rng.random() < plan.partial
    claim = read_claim(describe(scene, rng, int(rng.integers(1, len(scene.objects))) if fewer else None).text)
    if rng.random() < plan.gaps:
        return _with_gaps(claim, scene, rng)
    return claim.text, one_word_wrong(claim, scene, rng).text


def _with_gaps(claim: Claim, scene: Scene, rng: np.random.Generator) -> tuple[str, str]:
    kept = rng.random(len(claim.text.split())) < rng.uniform(_LEAST_KEPT, 1.0)
    kept[rng.integers(len(kept))] = True
    right, _ = said_in_part(claim, kept)
    tried = [one_word_wrong(claim, scene, rng) for _ in range(_TRIES)]
    for wrong in tried:
        said, rest = said_in_part(wrong, kept)
        if not holds(rest, scene):
            return right, said
    return right, tried[-1].text  # what is left may be true whatever the word


def _erased(
    pixels: UInt8[np.ndarray, "side side 3"], share: float, rng: np.random.Generator
) -> UInt8[np.ndarray, "side side 3"]:
    if rng.random() >= share:
        return pixels
    gone: Bool[np.ndarray, "patches patches"] = rng.random((_PATCHES, _PATCHES)) >= rng.uniform(
        _LEAST_KEPT, 1.0
    )
    cell = np.arange(len(pixels)) * _PATCHES // len(pixels)
    return np.where(gone[np.ix_(cell, cell)][..., None], np.uint8(rng.integers(*_GREYS)), pixels)
