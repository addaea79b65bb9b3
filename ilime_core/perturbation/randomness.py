"""Randomness that belongs to an item's content, so that the order of work never changes a number."""

import numpy as np

from ilime_core.draws import named_rng, named_uniform
from ilime_core.errors import InputError
from ilime_core.records import Modality

__all__ = ["is_sampled", "item_rng"]


def item_rng(seed: int, modality: Modality, sha256: str, purpose: str) -> np.random.Generator:
    """Generator for one purpose of one item.

    Parameters
    ----------
    seed
        Seed of the run.
    modality
        Images and texts draw from independent streams: the errors of a pair assume it.
    sha256
        Hex digest of the item's content.
    purpose
        What is drawn, e.g. ``"fit"`` or ``"held_out"``; different purposes are independent.
    """
    return named_rng(seed, purpose, modality.value, sha256)


def is_sampled(seed: int, item_id: str, purpose: str, share: float) -> bool:
    """Whether an item belongs to a random sample of about ``share`` of all items.

    A larger share keeps every item of a smaller one.

    Raises
    ------
    InputError
        If ``share`` is outside [0, 1].
    """
    if not 0.0 <= share <= 1.0:
        raise InputError(f"share must be in [0, 1], got {share}.")
    return named_uniform(seed, purpose, item_id) < share
