"""The standard error of an item's effects as one number."""

import math

import torch

from ilime_core.records import Effects

__all__ = ["effect_error"]


def effect_error(effects: Effects) -> float:
    """Root mean square, over the segments, of the standard error of an effect, as a length.

    It is ``sqrt(mean_i tr V_i)``, V_i the covariance of effect i. Embeddings have length 1: what a segment
    brings to the score with any one item has, in the root mean square over the segments, no larger standard
    error.

    Parameters
    ----------
    effects
        Of one item.

    Returns
    -------
    float
        0 where all coalitions were encoded, infinity where errors are not known.
    """
    if not effects.sampled:
        return 0.0
    if effects.error is None:
        return math.inf
    values = effects.error.factors.double().square().sum(dim=-1)
    left = effects.error.factors.shape[-1] - int((values > 0).sum())
    trace = values.sum() + left * effects.error.rest.double()
    return float(torch.sqrt(effects.error_scale.double().mean() * trace))
