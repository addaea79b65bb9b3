"""Indexing and concatenation of nested records along their leading axis."""

from dataclasses import dataclass

import torch
from torch import Tensor

from ilime_core.interactions.batched_records import join, take


@dataclass(frozen=True)
class Inner:
    vectors: Tensor


@dataclass(frozen=True)
class Outer:
    numbers: Tensor
    inner: Inner


RECORD = Outer(torch.tensor([1, 2, 3]), Inner(torch.tensor([[1, 10], [2, 20], [3, 30]])))


def test_entries_are_taken_from_every_tensor_in_the_order_of_the_index():
    taken = take(RECORD, torch.tensor([2, 0, 2]))
    assert taken.numbers.tolist() == [3, 1, 3]
    assert taken.inner.vectors.tolist() == [[3, 30], [1, 10], [3, 30]]


def test_records_are_joined_one_after_the_other():
    joined = join([RECORD, take(RECORD, torch.tensor([1]))])
    assert joined.numbers.tolist() == [1, 2, 3, 2]
    assert joined.inner.vectors.tolist() == [[1, 10], [2, 20], [3, 30], [2, 20]]
