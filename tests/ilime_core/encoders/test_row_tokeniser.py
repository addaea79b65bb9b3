from types import SimpleNamespace

import pytest
import torch

from ilime_core.encoders.row_tokeniser import fill_rows, fills_alike, n_special_behind, spans_of
from ilime_core.errors import InputError


class Letters:
    """Letters as tokens between 1 and 2, padded with 0 to six places."""

    context_length = 6
    pad = 0
    n_last = 1
    mask_word = "x"

    def __init__(self, *, pads_left=False):
        self.pads_left = pads_left

    def identity(self):
        return "letters"

    def rows(self, texts):
        return [[1, *map(ord, text), 2] for text in texts]

    def spans(self, text):
        return [(at, at + 1) for at in range(len(text))]


def padded(texts):
    rows = [[*[1, *map(ord, text)][:5], 2] for text in texts]
    return torch.tensor([row + [0] * (6 - len(row)) for row in rows])


def test_rows_are_cut_before_their_end_and_padded_on_the_tokenizers_side():
    rows = [[1, 7, 2], [1, 3, 4, 5, 6, 7, 8, 2]]
    assert fill_rows(Letters(), rows, 6, "cpu").tolist() == [[1, 7, 2, 0, 0, 0], [1, 3, 4, 5, 6, 2]]
    assert fill_rows(Letters(pads_left=True), rows[:1], 4, "cpu").tolist() == [[0, 1, 7, 2]]
    assert fill_rows(Letters(), rows[:1], None, "cpu").shape == (1, 3)


def test_a_tokenizer_that_pads_or_cuts_otherwise_is_found():
    assert fills_alike(Letters(), padded)
    assert not fills_alike(Letters(pads_left=True), padded)
    assert not fills_alike(Letters(), lambda texts: padded(texts)[:, :5])
    other = Letters()
    other.n_last = 0
    assert not fills_alike(other, padded)


class Inner:
    """What is read of a tokenizer of the transformers library."""

    is_fast = True

    def __init__(self, special):
        self._special = special

    def __call__(self, text, **options):
        assert options.get("add_special_tokens", True) is ("return_offsets_mapping" not in options)
        return SimpleNamespace(input_ids=[0] * len(self._special), offset_mapping=[(0, len(text))])

    def get_special_tokens_mask(self, row, *, already_has_special_tokens):
        assert already_has_special_tokens
        return self._special


@pytest.mark.parametrize(("special", "n_behind"), [([1, 0, 1], 1), ([1, 0], 0), ([1, 0, 0, 1, 1], 2)])
def test_special_tokens_behind_a_text_are_counted(special, n_behind):
    assert n_special_behind(Inner(special)) == n_behind


def test_spans_leave_special_tokens_out_and_need_a_tokenizer_that_reports_them():
    inner = Inner([1, 0, 1])
    assert spans_of(inner, "cat") == [(0, 3)]
    inner.is_fast = False
    with pytest.raises(InputError, match="segment texts by word"):
        spans_of(inner, "cat")
