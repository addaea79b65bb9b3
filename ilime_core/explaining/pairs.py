"""Pairs of items explained in memory: every item is encoded once, pairs are small algebra."""

from collections.abc import Sequence
from dataclasses import fields

import numpy as np
import torch
from torch import Tensor

from ilime_core.effects.registry import ESTIMATORS, gives_posterior
from ilime_core.explaining.contents import ExplainedInput
from ilime_core.explaining.explanation import ItemExplanation, PairFactors, PairFit, SegmentEffects
from ilime_core.explaining.interaction import InteractionExplanation
from ilime_core.explaining.items import explain_items
from ilime_core.explaining.options import ExplainOptions
from ilime_core.interactions.fidelity import held_out_r2_pairs, stack_held_out
from ilime_core.interactions.main_effects import MainEffects
from ilime_core.interactions.pair_fits import PairFits, fit_pairs
from ilime_core.interactions.significance import pair_significance
from ilime_core.interactions.stack import stack_effects
from ilime_core.protocols.encoders import DualEncoder

__all__ = ["explain_pair", "explain_pairs", "fit_item_pair"]


def explain_pair(
    encoder: DualEncoder,
    left: ExplainedInput,
    right: ExplainedInput,
    options: ExplainOptions | None = None,
) -> InteractionExplanation:
    """Explain one pair: an image and a text, two images, or two texts.

    Parameters
    ----------
    encoder, options
        As of :func:`explain_items`.
    left, right
        The items: texts are ``str``, images paths, Pillow images or arrays of uint8. Of an image and a text
        the image is left.

    Returns
    -------
    InteractionExplanation
        Explanation by the first estimator of the options.

    Raises
    ------
    InputError
        As of :func:`explain_items`.
    """
    return explain_pairs(encoder, [(left, right)], options)[0]


def explain_pairs(
    encoder: DualEncoder,
    pairs: Sequence[tuple[ExplainedInput, ExplainedInput]],
    options: ExplainOptions | None = None,
) -> list[InteractionExplanation]:
    """Explain pairs of items; an item of several pairs is perturbed and encoded once.

    Parameters
    ----------
    encoder, options
        As of :func:`explain_items`.
    pairs
        Left and right items, as of :func:`explain_pair`.

    Returns
    -------
    list
        One explanation a pair, in the same order, by the first estimator of the options.

    Raises
    ------
    InputError
        As of :func:`explain_items`.
    """
    options = options or ExplainOptions()
    items = explain_items(encoder, [item for pair in pairs for item in pair], options)
    return [fit_item_pair(left, right, options) for left, right in zip(items[::2], items[1::2], strict=True)]


def fit_item_pair(
    left: ItemExplanation,
    right: ItemExplanation,
    options: ExplainOptions | None = None,
    estimator: str | None = None,
) -> InteractionExplanation:
    """Explain the pair of two explained items; nothing is encoded.

    Parameters
    ----------
    left, right
        Items from :func:`explain_items`, both with these options.
    options
        Options of the items; None for the defaults.
    estimator
        One of the estimators of the options; None takes the first.

    Returns
    -------
    InteractionExplanation
        Arrays on the processor, without padding.
    """
    options = options or ExplainOptions()
    named = estimator or options.estimators[0]
    p = _probability(named, options)
    x, y = left.effects[named], right.effects[named]
    only = torch.zeros(1, dtype=torch.long, device=x.effects.device)
    posterior = gives_posterior(named, options.fit)
    stacks = [stack_effects([one], p=p, posterior=posterior) for one in (x, y)]
    fits = fit_pairs(stacks[0], stacks[1], only, only)
    fresh = stack_held_out([left.held_out], stacks[0]), stack_held_out([right.held_out], stacks[1])
    held_out = float(held_out_r2_pairs(fresh[0], fresh[1], only, only)[0])
    return _explanation(named, left, right, fits, held_out)


def _probability(estimator: str, options: ExplainOptions) -> float | None:
    """Probability with which the rows keep a segment; None where closed forms do not hold."""
    if options.fit.ridge > 0 or options.fit.kernel_width is not None:
        return None
    entry = ESTIMATORS.entries.get(estimator)
    return None if entry is None or entry.probability is None else entry.probability(options.p, options.fit)


def _explanation(
    estimator: str, left: ItemExplanation, right: ItemExplanation, fits: PairFits, held_out: float
) -> InteractionExplanation:
    weights, errors, degrees = (
        _array(one) for one in (fits.weights, fits.errors.standard_errors, fits.errors.degrees)
    )
    # By errors that leave something out no weight is tested.
    is_tested = estimator not in ESTIMATORS.names or not ESTIMATORS[estimator].left_out
    tested = degrees.astype(np.float64) if is_tested else np.full(degrees.shape, np.nan)
    significance = pair_significance(
        weights.astype(np.float64), errors.astype(np.float64), tested, np.ones(weights.shape, dtype=bool)
    )
    variance, factors = fits.variance, fits.factors
    kept = slice(int(factors.n_components[0]))
    return InteractionExplanation(
        estimator=estimator,
        left=left,
        right=right,
        weights=weights[0],
        standard_errors=errors[0],
        degrees=degrees[0],
        p_values=significance.p_values[0].astype(np.float32),
        left_effects=_side(fits.left),
        right_effects=_side(fits.right),
        factors=PairFactors(
            **{one.name: _array(getattr(factors, one.name))[0, kept] for one in fields(PairFactors)}
        ),
        fit=PairFit(
            p_none=float(significance.smallest_adjusted[0]),
            share_certain=float(significance.share[0]),
            r2_cross_held_out=held_out,
            effective_rank=float(factors.effective_rank[0]),
            max_z=float(fits.errors.max_z[0]),
            sum_squared_error=float(fits.errors.sum_squared_error[0]),
            **{name: float(getattr(fits, name)[0]) for name in _OF_PAIR},
            **{one.name: float(getattr(variance, one.name)[0]) for one in fields(variance)},
        ),
    )


_OF_PAIR = (
    "f_full",
    "f_left_empty",
    "f_right_empty",
    "f_empty",
    "intercept",
    "completeness_residual",
    "split_half_error",
)


def _side(effects: MainEffects) -> SegmentEffects:
    return SegmentEffects(**{one.name: _array(getattr(effects, one.name))[0] for one in fields(effects)})


def _array(tensor: Tensor) -> np.ndarray:
    return tensor.detach().cpu().numpy()
