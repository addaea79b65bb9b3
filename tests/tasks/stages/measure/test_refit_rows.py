"""Rows that are encoded again are the run's own, without those that no estimator reads."""

import numpy as np
import pytest
import torch

from ilime_core.effects.registry import FitOptions, row_sets, rows_read
from ilime_core.perturbation.coalitions import MaskRequest
from ilime_core.records import Modality
from tasks.spec.mask_draws import MaskDraw

FURTHER = row_sets(
    ["weighted_banzhaf", "occlusion", "sliding_block_occlusion"],
    FitOptions(weighted_p=0.8, weighted_text_masks=40, block_segments=3),
    Modality.TEXT,
)


def drawn(n_segments=9, n_masks=32):
    request = MaskRequest("foldover", n_masks, shapley_masks=12, further=FURTHER)
    return MaskDraw(Modality.TEXT, 0, request, held_out=4, held_out_share=1.0).draw("00", n_segments)


@pytest.mark.parametrize(
    ("estimators", "sets"),
    [
        (("banzhaf",), ["banzhaf"]),
        (("search_lime", "occlusion"), ["banzhaf", "leave_one_out"]),
        (("kernel_shap",), ["banzhaf", "shapley"]),
        (("product_shapley", "weighted_banzhaf"), ["banzhaf", "shapley", "weighted"]),
        (("sliding_block_occlusion", "cross_gradient"), ["banzhaf", "windows"]),
    ],
)
def test_sets_that_are_read_keep_their_rows(estimators, sets):
    whole = drawn()
    fewer = whole.of_sets(rows_read(estimators))
    assert list(fewer.sets.rows) == sets
    for name, rows in fewer.sets.rows.items():
        assert np.array_equal(fewer.masks[rows], whole.masks[whole.sets.rows[name]])
    assert len(fewer.masks) == sum(rows.stop - rows.start for rows in fewer.sets.rows.values())
    every = np.concatenate([fewer.masks, fewer.held_out])
    ends = torch.zeros(9), torch.ones(9)
    assert np.array_equal(fewer.embeddings(torch.from_numpy(fewer.encoded).float(), *ends), every)
    assert fewer.n_encodes < whole.n_encodes


def test_where_all_are_read_nothing_changes():
    whole = drawn()
    names = ("product_shapley", "weighted_banzhaf", "occlusion", "sliding_block_occlusion")
    assert whole.of_sets(rows_read(names)) is whole


def test_an_enumerated_item_stays_enumerated():
    whole = drawn(n_segments=5)
    fewer = whole.of_sets(rows_read(["banzhaf"]))
    assert fewer.sets.enumerated
    assert len(fewer.masks) == 2**5
    assert list(whole.sets.rows) == ["banzhaf", "windows"]
    assert list(fewer.sets.rows) == ["banzhaf"]
