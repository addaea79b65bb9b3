"""Batches of scenes with right and wrong captions, each known to be true or not."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int, UInt8

from ilime_core.synthetic.claims import Claim, exchanged, holds, one_word_wrong, read_claim
from ilime_core.synthetic.scene_batches import twin
from ilime_core.synthetic.scenes import Scene, describe, draw_scene, render

__all__ = ["MatchingBatch", "MatchingPlan", "held_out_twins", "matching_batch"]

_STREAM = 2
"""Keeps these scenes apart from those that CLIP learned from, which are drawn from (seed, number)."""

_HELD_OUT = 10**6


@dataclass(frozen=True, slots=True)
class MatchingPlan:
    """Composition of batches.

    Attributes
    ----------
    n_scenes
        Of a batch; even, because every scene is followed by its twin.
    partial
        Share of captions that leave objects out: they are true all the same.
    side
        Of the pictures, in pixels.
    """

    n_scenes: int = 128
    partial: float = 0.15
    side: int = 64


@dataclass(frozen=True, slots=True, eq=False)
class MatchingBatch:
    """Scenes 2k and 2k + 1 are twins.

    Attributes
    ----------
    pixels
        Of the scenes.
    texts
        First a true caption of every scene, then for every scene its caption with one word wrong, then with a
        property of two objects exchanged.
    is_true
        Whether caption c, a true one of some scene, is true of scene s.
    """

    pixels: UInt8[np.ndarray, "scenes side side 3"]
    texts: tuple[str, ...]
    is_true: Bool[np.ndarray, "scenes captions"]

    @property
    def twin_of(self) -> Int[np.ndarray, " scenes"]:
        """Place of each scene's twin."""
        return np.arange(len(self.pixels)) ^ 1


def matching_batch(plan: MatchingPlan, seed: int, number: int) -> MatchingBatch:
    """Draw batch ``number`` of a seed, independent of the batches drawn before.

    Parameters
    ----------
    plan
        Composition of the batch.
    seed
        Of the training.
    number
        From 0.

    Returns
    -------
    MatchingBatch
        Scenes with their twins, true captions and wrong versions.
    """
    rng = np.random.default_rng([seed, number, _STREAM])
    scenes: list[Scene] = []
    while len(scenes) < plan.n_scenes:
        scene = draw_scene(rng)
        scenes += [scene, twin(scene, rng)]
    claims = [_claim(scene, plan, rng) for scene in scenes]
    wrong = [one_word_wrong(claim, scene, rng) for claim, scene in zip(claims, scenes, strict=True)]
    mixed = [exchanged(claim, scene, rng) for claim, scene in zip(claims, scenes, strict=True)]
    return MatchingBatch(
        np.stack([render(scene, plan.side)[0] for scene in scenes]),
        tuple(claim.text for claim in [*claims, *wrong, *mixed]),
        np.array([[holds(claim, scene) for claim in claims] for scene in scenes]),
    )


def held_out_twins(n_scenes: int, seed: int, side: int = 64) -> MatchingBatch:
    """Scenes with whole captions from a stream of random numbers that no training of the seed draws from.

    Parameters
    ----------
    n_scenes
        Even, because scenes come in twins.
    seed
        Of the training.
    side
        Of the pictures, in pixels.

    Returns
    -------
    MatchingBatch
        Scenes with their twins, true captions and wrong versions.
    """
    return matching_batch(MatchingPlan(n_scenes, partial=0.0, side=side), seed, _HELD_OUT)


def _claim(scene: Scene, plan: MatchingPlan, rng: np.random.Generator) -> Claim:
    fewer = rng.random() < plan.partial
    mentioned = int(rng.integers(1, len(scene.objects))) if fewer else None
    return read_claim(describe(scene, rng, mentioned).text)
