"""Random numbers keyed by names, so that the order of work never changes a number."""

import hashlib

import numpy as np

__all__ = ["named_rng", "named_uniform"]


def named_rng(seed: int, purpose: str, *names: str) -> np.random.Generator:
    """Generator that depends on the seed, the purpose and the names that it is drawn for.

    Parameters
    ----------
    seed
        Seed of the run.
    purpose
        What is drawn; different purposes are independent.
    *names
        Ids that the draw is for, in order.

    Returns
    -------
    Generator
        The same for the same arguments.
    """
    return np.random.default_rng(np.random.SeedSequence(_digest(seed, purpose, *names)))


def named_uniform(seed: int, purpose: str, *names: str) -> float:
    """Uniform number that depends on the seed, the purpose and the names; cheaper than a generator.

    Parameters
    ----------
    seed
        Seed of the run.
    purpose
        What is drawn; different purposes are independent.
    *names
        Ids that the draw is for, in order.

    Returns
    -------
    float
        In [0, 1).
    """
    leading_bits = _digest(seed, purpose, *names) >> (256 - 53)
    return leading_bits / 2**53


def _digest(*fields: object) -> int:
    # Each field is preceded by its length: no two lists of fields may spell the same text.
    spelled = "".join(f"{len(str(field))}:{field}" for field in fields)
    return int.from_bytes(hashlib.sha256(spelled.encode()).digest(), "big")
