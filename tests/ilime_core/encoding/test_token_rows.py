import pytest

from ilime_core.encoding.token_rows import cut_rows, pad_rows
from ilime_core.errors import InputError


def test_cutting_keeps_the_tokens_that_end_a_text():
    rows = [[1, 5, 6, 7, 8, 2], [1, 2]]
    assert cut_rows(rows, 4, n_last=1) == [[1, 5, 6, 2], [1, 2]]
    assert cut_rows(rows, 4, n_last=0) == [[1, 5, 6, 7], [1, 2]]
    assert cut_rows(rows, 6, n_last=1)[0] == rows[0]


def test_padding_by_hand():
    rows = [[1, 5, 2], [1]]
    assert pad_rows(rows, None, pad=9, device="cpu").tolist() == [[1, 5, 2], [1, 9, 9]]
    assert pad_rows(rows, 4, pad=0, device="cpu").tolist() == [[1, 5, 2, 0], [1, 0, 0, 0]]
    assert pad_rows(rows, None, pad=9, device="cpu", left=True).tolist() == [[1, 5, 2], [9, 9, 1]]


@pytest.mark.parametrize("rows", [[], [[1], []]])
def test_empty_rows_are_refused(rows):
    with pytest.raises(InputError, match="not empty"):
        pad_rows(rows, None, pad=0, device="cpu")
