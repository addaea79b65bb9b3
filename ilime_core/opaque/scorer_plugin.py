"""Scorers of pairs from other packages (plugins).

The contract: ``factory(device, precision)`` returns a :class:`ilime_core.protocols.PairScorer` on that device
(``cpu``, ``cuda:N``), computing in ``float32`` or ``bfloat16``. Its scores are float32, one a row, and row k
does not depend on its neighbours; its ``fingerprint()`` is a hex sha256 of everything that decides them. The
factory may have a function ``factory.fingerprint()`` that gives the same digest without building the model;
planning then loads no weights.
"""

import numpy as np
import torch
from PIL import Image

from ilime_core.encoders.plugin_factory import PluginLoader, checked_fingerprint
from ilime_core.errors import InputError
from ilime_core.protocols.pairs import PairScorer

__all__ = ["SCORER_PLUGINS", "check_pair_scorer"]

_TEXTS = ("a cat", "", "a man rides a red bicycle past a white house")


def check_pair_scorer(scorer: object, name: str) -> PairScorer:
    """Score one picture with three texts and check the results against the contract of scorers.

    Parameters
    ----------
    scorer
        Object that a plugin's factory returned.
    name
        ``package.module:function`` of the factory, for error messages.

    Returns
    -------
    PairScorer
        The same object.

    Raises
    ------
    InputError
        If a member is missing, or scores are not finite float32 numbers, one a row.
    """
    if not isinstance(scorer, PairScorer):
        raise InputError(
            f"plugin {name} must return a scorer of pairs with device, image_size, mask_word, view(), "
            "score() and fingerprint()"
        )
    checked_fingerprint(scorer.fingerprint(), name)
    ramp = np.broadcast_to(np.arange(64, dtype=np.uint8)[:, None, None] * 4, (64, 80, 3))
    view = scorer.view(Image.fromarray(np.ascontiguousarray(ramp)))
    if view.pixels.shape[:2] != tuple(scorer.image_size):
        raise InputError(
            f"plugin {name}: image_size says {tuple(scorer.image_size)}, its view is {view.pixels.shape[:2]}"
        )
    pixels = torch.tensor(view.pixels).permute(2, 0, 1)[None].to(scorer.device, torch.float32) / 255
    scores = scorer.score(pixels.repeat(len(_TEXTS), 1, 1, 1), _TEXTS)
    if scores.dtype != torch.float32 or scores.shape != (len(_TEXTS),) or not bool(scores.isfinite().all()):
        raise InputError(
            f"plugin {name} must give {len(_TEXTS)} finite float32 scores, got {tuple(scores.shape)} "
            f"{scores.dtype}"
        )
    return scorer


SCORER_PLUGINS = PluginLoader("scorer", check_pair_scorer)
"""Loader of scorers of pairs from other packages."""
