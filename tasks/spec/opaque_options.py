"""What a spec tells the estimators of single pairs, and which random numbers they draw."""

import numpy as np
import torch

from ilime_core.draws import named_rng
from ilime_core.pair_records import GivenRows, PairFitOptions
from ilime_core.perturbation.item_masks import ItemMasks
from tasks.spec import ExplainParameters

__all__ = ["given_rows", "pair_options", "pair_rng"]


def pair_options(
    parameters: ExplainParameters, given: tuple[GivenRows, GivenRows] | None = None
) -> PairFitOptions:
    """The section ``opaque``, with the probability of ``perturbation`` and, of a read-out, its masks."""
    opaque = parameters.opaque
    return PairFitOptions(
        left_masks=opaque.image_masks,
        right_masks=opaque.text_masks,
        rows=opaque.rows,
        p=parameters.perturbation.p,
        penalty=opaque.penalty,
        regression=opaque.regression,
        kernel=opaque.kernel,
        kernel_width=opaque.kernel_width,
        held_out=opaque.held_out,
        given=given,
    )


def pair_rng(seed: int, left: str, right: str) -> np.random.Generator:
    """Generator of a pair of contents: every estimator starts from the same, so that they share rows."""
    return named_rng(seed, "opaque", left, right)


def given_rows(masks: ItemMasks) -> GivenRows:
    """The Banzhaf rows and the held-out ones that score has drawn."""
    return GivenRows(
        torch.from_numpy(masks.masks[: masks.n_banzhaf]),
        masks.enumerated,
        torch.from_numpy(masks.held_out),
    )
