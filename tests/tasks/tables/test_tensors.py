import pyarrow as pa
import torch

from tasks.tables.tensors import flat_reals, masks_of, vectors

PIECES = pa.chunked_array([[[1.0, 2.0]], [[3.0, 4.0], [5.0, 6.0]]], pa.list_(pa.float32()))


def test_lists_of_all_pieces_are_the_rows_of_a_matrix():
    assert vectors(PIECES).tolist() == [[1, 2], [3, 4], [5, 6]]
    assert vectors(PIECES[2:]).tolist() == [[5, 6]]
    assert vectors(PIECES[:0]).shape == (0, 0)


def test_numbers_are_shared_in_single_precision():
    values = pa.array([0.5, 0.25], pa.float32())
    assert flat_reals(values).data_ptr() == values.buffers()[1].address
    assert flat_reals(values.cast(pa.float64())).dtype == torch.float32


def test_masks_are_unpacked_from_the_highest_bit():
    packed = pa.chunked_array([[bytes([0b10100000, 0b01000000])], [bytes([0b00000001, 0b11000000])]])
    first = [True, False, True, False, False, False, False, False, False, True]
    second = [False] * 7 + [True] * 3
    assert masks_of(packed, 10).tolist() == [first, second]
