"""Masks of one item: distinct coalitions are encoded once and serve fitted and held-out masks."""

from functools import partial

import numpy as np
import torch

from ilime_core.perturbation.coalitions import MaskRequest, draw_masks
from ilime_core.perturbation.randomness import item_rng
from ilime_core.records import Modality

RNG_OF = partial(item_rng, 3, Modality.IMAGE, "ab")


def encoded(masks):
    """An embedding that says which segments it is of: bit i of the only component."""
    return torch.from_numpy(masks @ (2.0 ** np.arange(masks.shape[1])))[:, None]


def test_each_mask_finds_the_embedding_of_its_coalition():
    masks = draw_masks(10, request=MaskRequest("foldover", 64), n_held_out=32, rng_of=RNG_OF)
    empty, full = torch.zeros(1), torch.tensor([2.0**10 - 1])
    rows = encoded(masks.encoded)
    fitted, fresh = masks.fitted(rows, empty, full), masks.fresh(rows, empty, full)
    assert fitted.embeddings.dtype == torch.float64
    assert torch.equal(fitted.embeddings, encoded(masks.masks))
    assert fresh is not None
    assert torch.equal(fresh.embeddings, encoded(masks.held_out))
    assert len(masks.held_out) == 32
    assert masks.n_encodes == 1 + len(np.unique(masks.encoded, axis=0))


def test_held_out_masks_leave_the_fitted_ones_as_they_are():
    with_them, without = (
        draw_masks(10, request=MaskRequest("foldover", 64), n_held_out=n, rng_of=RNG_OF) for n in (32, 0)
    )
    assert np.array_equal(with_them.masks, without.masks)
    assert without.held_out.shape == (0, 10)
    assert without.fresh(encoded(without.encoded), torch.zeros(1), torch.ones(1)) is None
