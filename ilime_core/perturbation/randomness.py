"""Random generators keyed by an item's content, so that the order of work never changes a number."""

import numpy as np

from ilime_core.draws import named_rng, named_uniform
from ilime_core.errors import InputError
from ilime_core.modality import Modality

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

    Returns
    -------
    Generator
        Deterministic in the four arguments.
    """
    return named_rng(seed, purpose, modality.value, sha256)


def is_sampled(seed: int, item_id: str, purpose: str, share: float) -> bool:
    """Return whether an item belongs to a random sample of about ``share`` of all items.

    A larger share keeps every item of a smaller one.

    Parameters
    ----------
    seed
        Seed of the run.
    item_id
        Id of the item.
    purpose
        Name of the sample; different purposes are independent.
    share
        Expected share of the items, in [0, 1].

    Returns
    -------
    bool
        True if the item is in the sample.

    Raises
    ------
    InputError
        If ``share`` is outside [0, 1].
    """
    if not 0.0 <= share <= 1.0:
        raise InputError(f"share must be in [0, 1], got {share}.")
    return named_uniform(seed, purpose, item_id) < share
