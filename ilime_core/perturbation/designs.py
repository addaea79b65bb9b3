"""The designs behind the effects of one item, by their names in the spec."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Bool

from ilime_core.errors import InputError
from ilime_core.perturbation.enumerate_all import MOST_SEGMENTS, enumerate_all
from ilime_core.perturbation.foldover import foldover
from ilime_core.perturbation.iid import check_probability, iid
from ilime_core.perturbation.stratified import stratified
from ilime_core.protocols import Design
from ilime_core.registry import Entry, Registry

__all__ = ["DESIGNS"]


def _make_foldover(p: float) -> Design:
    if p != 0.5:
        raise InputError(
            f"foldover keeps segments with probability 0.5, got {p}: complements of its rows would follow "
            f"{1.0 - p:g}. Use the design iid or stratified."
        )
    return foldover


def _make_enumerate(p: float) -> Design:
    check_probability(p)

    def draw(n_segments: int, n_masks: int, rng: np.random.Generator) -> Bool[np.ndarray, "samples segments"]:
        del rng  # nothing is random where everything is drawn
        if n_segments >= 1 and 2**n_segments > n_masks:
            # The number itself has thousands of digits where the item has thousands of segments.
            n_all = 2**n_segments if n_segments <= MOST_SEGMENTS else f"2^{n_segments}"
            raise InputError(
                f"{n_segments} segments have {n_all} coalitions and {n_masks} masks are allowed: "
                "allow as many, or use a sampling design."
            )
        return enumerate_all(n_segments)

    return draw


DESIGNS: Registry[Entry[Callable[[float], Design]]] = Registry(
    "design",
    {
        "foldover": Entry(
            _make_foldover,
            "whole Hadamard blocks with their complements, p = 0.5",
            "https://doi.org/10.1093/biomet/33.4.305",
        ),
        "enumerate": Entry(_make_enumerate, "every coalition, weighted by its probability", "ilime"),
        "iid": Entry(iid, "independent rows at any p", "https://doi.org/10.1145/2939672.2939778"),
        "stratified": Entry(
            stratified,
            "binomial sizes by systematic sampling at any p",
            "https://doi.org/10.1214/aoms/1177731312",
        ),
    },
)
"""Makers take the keeping probability. The Shapley rows are drawn beside any of these, not instead of one."""
