"""Randomness that belongs to named things, so that the order of work never changes a number."""

import hashlib

import numpy as np

__all__ = ["named_rng", "named_uniform"]


def named_rng(seed: int, purpose: str, *names: str) -> np.random.Generator:
    """Generator that depends on the seed, on what is drawn, and on the names (ids) that it is drawn for."""
    return np.random.default_rng(np.random.SeedSequence(_digest(seed, purpose, *names)))


def named_uniform(seed: int, purpose: str, *names: str) -> float:
    """One number in [0, 1) under the same rule; cheaper than a generator where many ids are compared."""
    leading_bits = _digest(seed, purpose, *names) >> (256 - 53)
    return leading_bits / 2**53


def _digest(*fields: object) -> int:
    # Each field carries its length: no two lists of fields may spell the same text.
    spelled = "".join(f"{len(str(field))}:{field}" for field in fields)
    return int.from_bytes(hashlib.sha256(spelled.encode()).digest(), "big")
