"""Numbers that records derive from their fields."""

import torch

from ilime_core.records import MaskedEmbeddings, TextSegments


def test_truncated_spans_are_no_segments():
    text = TextSegments("a b c", starts=(0, 2, 4), ends=(1, 3, 5), truncated=(False, False, True))
    assert text.n_segments == 2


def test_banzhaf_rows_are_counted_without_those_of_other_sets():
    masks = torch.zeros(5, 2, dtype=torch.bool)
    embeddings = torch.zeros(5, 3)
    sets = {"banzhaf": slice(0, 4), "shapley": slice(4, 5)}
    item = MaskedEmbeddings(masks, embeddings, embeddings[0], embeddings[0], sets, p=0.5, enumerated=False)
    assert item.n_banzhaf == 4
