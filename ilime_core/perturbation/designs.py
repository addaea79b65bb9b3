"""Registry of the mask designs, by their names in the spec."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from ilime_core.registry import Entry, Registry, lazy

if TYPE_CHECKING:
    from ilime_core.protocols.perturbation import Design

__all__ = ["DESIGNS"]

DESIGNS: "Registry[Entry[Callable[[float], Design]]]" = Registry(
    "design",
    {
        "foldover": Entry(
            lazy("ilime_core.perturbation.foldover:make_foldover"),
            "whole Hadamard blocks with their complements, p = 0.5",
            "https://doi.org/10.1093/biomet/33.4.305",
            title="Hadamard foldover",
        ),
        "enumerate": Entry(
            lazy("ilime_core.perturbation.enumerate_all:make_enumerate"),
            "every coalition, weighted by its probability",
            "ilime",
            title="all coalitions",
            settings=("p",),
        ),
        "iid": Entry(
            lazy("ilime_core.perturbation.iid:iid"),
            "independent rows at any p",
            "https://doi.org/10.1145/2939672.2939778",
            title="independent rows",
            settings=("p",),
        ),
        "stratified": Entry(
            lazy("ilime_core.perturbation.stratified:stratified"),
            "binomial sizes by systematic sampling at any p",
            "https://doi.org/10.1214/aoms/1177731312",
            title="stratified sizes",
            settings=("p",),
        ),
    },
)
"""Makers take the keeping probability. The Shapley rows are drawn in addition to any of these."""
