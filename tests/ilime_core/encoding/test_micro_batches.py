import pytest
import torch

from ilime_core.encoding.micro_batches import MicroBatches


def test_a_single_row_that_does_not_fit_is_an_error():
    def encode(start, stop):
        raise torch.OutOfMemoryError("nothing fits")

    micro = MicroBatches()
    with pytest.raises(torch.OutOfMemoryError):
        micro.encode(5, encode)
    assert micro.largest == 1


def test_other_errors_are_not_taken_for_lack_of_memory():
    def encode(start, stop):
        raise RuntimeError("a broken kernel")

    micro = MicroBatches()
    with pytest.raises(RuntimeError, match="a broken kernel"):
        micro.encode(5, encode)
    assert micro.largest is None


def test_the_size_that_fitted_is_kept_for_the_next_batch():
    asked = []

    def encode(start, stop):
        asked.append(stop - start)
        if stop - start > 5:
            raise torch.OutOfMemoryError("too many")
        return torch.arange(start, stop, dtype=torch.float32)[:, None]

    micro = MicroBatches()
    assert micro.encode(9, encode).flatten().tolist() == list(range(9))
    assert micro.encode(9, encode).flatten().tolist() == list(range(9))
    assert asked == [9, 5, 4, 5, 4]
