"""Settings of a spec as the core's options records."""

from dataclasses import fields
from typing import Any, TypeVar

import numpy as np
import torch

from ilime_core.draws import named_rng
from ilime_core.effects.registry import ESTIMATORS, FitOptions
from ilime_core.pair_records import GivenRows, PairFitOptions
from ilime_core.perturbation.item_masks import ItemMasks
from ilime_core.selection.registry import SELECTIONS, SelectionOptions
from ilime_core.selection.subset_selection import SubsetSelection
from tasks.parameters import Parameters
from tasks.spec import ExplainParameters, SelectionParameters

__all__ = [
    "design_probability",
    "fit_options",
    "given_rows",
    "most_selection_encodes",
    "options_of",
    "pair_options",
    "pair_rng",
    "selection_of",
    "wants_second_order",
]

T = TypeVar("T")


def options_of(kind: type[T], *sections: Parameters, **given: object) -> T:
    """Fill a record of options with the settings of the same names.

    Parameters
    ----------
    kind
        Frozen dataclass.
    sections
        Sections of a spec; of one name in several, the last section's value is taken.
    given
        Values of fields that no section has, or has under another name.
    """
    names = [field.name for field in fields(kind)]  # pyright: ignore[reportArgumentType] - a dataclass
    values: dict[str, Any] = {
        name: getattr(section, name) for section in sections for name in names if hasattr(section, name)
    }
    return kind(**values | given)


def fit_options(parameters: ExplainParameters) -> FitOptions:
    """Settings of all estimators of effects; each reads its own."""
    return options_of(FitOptions, parameters.perturbation, parameters.estimation)


def design_probability(estimator: str, parameters: ExplainParameters) -> float | None:
    """Probability with which an estimator's rows keep a segment; None where closed forms do not hold.

    They do not where a kernel weights the rows, a ridge shrinks the effects or the rows have no single
    product law.

    Parameters
    ----------
    estimator
        Name, known or not.
    parameters
        Spec with its design, kernel, ridge and probability.

    Returns
    -------
    float or None
        In (0, 1); None for an unknown estimator too.
    """
    perturbation = parameters.perturbation
    entry = ESTIMATORS.entries.get(estimator)
    if entry is None or entry.probability is None:
        return None
    if perturbation.ridge > 0 or perturbation.kernel_width is not None:
        return None
    return entry.probability(perturbation.p, fit_options(parameters))


def wants_second_order(parameters: ExplainParameters) -> bool:
    """True if a spec asks for second-order cells, so that stage score must keep what it fitted."""
    return parameters.estimation.within_cells > 0 or parameters.estimation.three_way_cells > 0


def pair_options(
    parameters: ExplainParameters, given: tuple[GivenRows, GivenRows] | None = None
) -> PairFitOptions:
    """The section ``opaque``, with the probability of ``perturbation`` and, of a read-out, its masks.

    Parameters
    ----------
    parameters
        Spec whose section ``opaque`` is converted.
    given
        Rows already encoded of the left and the right item, for read-outs; None draws masks.

    Returns
    -------
    PairFitOptions
        Options of the core's estimators of single pairs.
    """
    opaque = parameters.opaque
    return options_of(
        PairFitOptions,
        opaque,
        left_masks=opaque.image_masks,
        right_masks=opaque.text_masks,
        p=parameters.perturbation.p,
        given=given,
    )


def pair_rng(seed: int, left: str, right: str) -> np.random.Generator:
    """Generator of a pair of contents: every estimator starts from the same, so that they share rows.

    Parameters
    ----------
    seed
        Of the run.
    left, right
        sha256 of the contents.

    Returns
    -------
    np.random.Generator
        Generator that depends on these three alone.
    """
    return named_rng(seed, "opaque", left, right)


def given_rows(masks: ItemMasks) -> GivenRows:
    """The Banzhaf rows and the held-out ones that score has drawn."""
    return GivenRows(
        torch.from_numpy(masks.masks[: masks.sets.n_banzhaf]),
        masks.sets.enumerated,
        torch.from_numpy(masks.held_out),
    )


def selection_of(parameters: SelectionParameters, method: str) -> SubsetSelection:
    """One method of selection with the section's settings.

    Parameters
    ----------
    parameters
        Section ``selection``.
    method
        Name in the registry of selections.

    Returns
    -------
    SubsetSelection
        The method, ready to search one item.
    """
    return SELECTIONS[method].make(options_of(SelectionOptions, parameters))


def most_selection_encodes(parameters: SelectionParameters, n_segments: int) -> int:
    """Most encodes of one item of ``n_segments`` segments in one pair, all methods together.

    Parameters
    ----------
    parameters
        Section ``selection``; of fading, at most ``faded`` segments are counted.
    n_segments
        Segments of the item, at least 0.

    Returns
    -------
    int
        Upper bound; a search may end earlier.
    """
    return sum(
        selection_of(parameters, method).most_encodes(n_segments)
        * (min(parameters.faded, n_segments) if method == "fade" else 1)
        for method in parameters.methods
    )
