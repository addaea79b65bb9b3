"""Batches of generated scenes with captions, some with a twin that only a careful reader tells apart."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import UInt8

from ilime_core.synthetic.scenes import Scene, describe, draw_scene, render

__all__ = ["BatchPlan", "SceneBatch", "held_out_scenes", "scene_batch", "twin"]

_HELD_OUT_SEED = 10**6


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
    """Draw one of the batches of a seed, whatever was drawn before it."""
    rng = np.random.default_rng([seed, number])
    scenes: list[Scene] = []
    while len(scenes) < plan.n_pairs:
        scene = draw_scene(rng)
        scenes.append(scene)
        if rng.random() < plan.twins and len(scenes) < plan.n_pairs:
            scenes.append(twin(scene, rng))
    return _batch(scenes, plan, rng)


def held_out_scenes(n_scenes: int, seed: int, side: int = 64) -> SceneBatch:
    """Scenes with whole captions that no batch of :func:`scene_batch` can hold, but by chance."""
    rng = np.random.default_rng([seed, _HELD_OUT_SEED])
    scenes = [draw_scene(rng) for _ in range(n_scenes)]
    return _batch(scenes, BatchPlan(n_scenes, partial=0.0, side=side), rng)


def twin(scene: Scene, rng: np.random.Generator) -> Scene:
    """The scene with one property of two objects exchanged, or mirrored where that would change nothing.

    Bags of words describe both alike: only what belongs to which object, or stands where, tells them apart.
    """
    first, second = (int(place) for place in rng.permutation(len(scene.objects))[:2])
    objects = list(scene.objects)
    name = ("colour", "shape")[rng.integers(2)]
    one, other = objects[first], objects[second]
    if getattr(one, name) == getattr(other, name):
        mirrored = tuple(replace(item, x=1.0 - item.x) for item in objects)
        return replace(scene, objects=mirrored, noise_seed=int(rng.integers(2**31)))
    objects[first] = replace(one, **{name: getattr(other, name)})
    objects[second] = replace(other, **{name: getattr(one, name)})
    return replace(scene, objects=tuple(objects), noise_seed=int(rng.integers(2**31)))


def _batch(scenes: list[Scene], plan: BatchPlan, rng: np.random.Generator) -> SceneBatch:
    texts: list[str] = []
    for scene in scenes:
        fewer = rng.random() < plan.partial
        mentioned = int(rng.integers(1, len(scene.objects))) if fewer else None
        texts.append(describe(scene, rng, mentioned).text)
    return SceneBatch(np.stack([render(scene, plan.side)[0] for scene in scenes]), tuple(texts))
