"""Batches of generated scenes with captions, some with a twin that only a careful reader tells apart."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from jaxtyping import UInt8

from ilime_core.errors import InputError
from ilime_core.synthetic.scenes import Scene, SceneCaption, SceneObject, describe, draw_scene, render

__all__ = ["BatchPlan", "SceneBatch", "held_out_pairs", "held_out_scenes", "scene_batch", "twin"]

_HELD_OUT = 10**6
"""Stands where the number of a batch stands in the seeds of batches."""


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """How batches are composed.

    Attributes
    ----------
    n_pairs
        Of a batch.
    twins
        Share of scenes that stand beside a twin.
    partial
        Share of captions that leave objects out; only these teach the model what a shortened caption means.
    side
        Of the pictures, in pixels.
    """

    n_pairs: int = 256
    twins: float = 0.25
    partial: float = 0.1
    side: int = 64


@dataclass(frozen=True, slots=True, eq=False)
class SceneBatch:
    """Pictures and their captions, in the same order."""

    pixels: UInt8[np.ndarray, "batch side side 3"]
    texts: tuple[str, ...]


def scene_batch(plan: BatchPlan, seed: int, number: int) -> SceneBatch:
    """Draw one of the batches of a seed, whatever was drawn before it.

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
        if rng.random() < plan.twins and len(scenes) < plan.n_pairs:
            scenes.append(twin(scene, rng))
    return _batch([(scene, _caption(scene, plan.partial, rng)) for scene in scenes], plan.side)


def held_out_pairs(n_scenes: int, seed: int) -> tuple[tuple[Scene, SceneCaption], ...]:
    """Scenes with whole captions that no batch of :func:`scene_batch` can hold, but by chance.

    The first scenes of a seed are the same however many are drawn.
    """
    streams = (np.random.default_rng([seed, _HELD_OUT, number]) for number in range(n_scenes))
    return tuple((scene, describe(scene, rng)) for rng in streams for scene in [draw_scene(rng)])


def held_out_scenes(n_scenes: int, seed: int, side: int = 64) -> SceneBatch:
    """Pictures and captions of :func:`held_out_pairs`."""
    return _batch(held_out_pairs(n_scenes, seed), side)


def twin(scene: Scene, rng: np.random.Generator) -> Scene:
    """The scene with colour or shape of two objects exchanged, or mirrored where that would change nothing.

    Bags of words describe both alike: only what belongs to which object, or stands where, tells them apart.

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
    """Along the axis that parts the first two, so that what a caption says of their places changes."""
    first, second = objects[:2]
    if abs(first.x - second.x) > abs(first.y - second.y):
        return tuple(replace(item, x=1.0 - item.x) for item in objects)
    return tuple(replace(item, y=1.0 - item.y) for item in objects)


def _caption(scene: Scene, partial: float, rng: np.random.Generator) -> SceneCaption:
    fewer = rng.random() < partial
    return describe(scene, rng, int(rng.integers(1, len(scene.objects))) if fewer else None)


def _batch(pairs: Sequence[tuple[Scene, SceneCaption]], side: int) -> SceneBatch:
    pictures = np.stack([render(scene, side)[0] for scene, _ in pairs])
    return SceneBatch(pictures, tuple(caption.text for _, caption in pairs))
