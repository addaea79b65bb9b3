"""Records whose tensors share a leading axis, cut and joined as one."""

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import Any, TypeVar

import torch
from jaxtyping import Int
from torch import Tensor

__all__ = ["join", "take"]

Record = TypeVar("Record")


def take(record: Record, index: Int[Tensor, " chosen"]) -> Record:
    """The indexed entries of every tensor of a record, those of its records included."""
    return _merged([record], lambda tensors: tensors[0][index])


def join(records: Sequence[Record]) -> Record:
    """One record with the tensors of all, one after the other."""
    return _merged(records, torch.cat)


def _merged(records: Sequence[Any], merge: Callable[[list[Tensor]], Tensor]) -> Any:
    merged: dict[str, Any] = {}
    for field in fields(records[0]):
        values = [getattr(record, field.name) for record in records]
        merged[field.name] = merge(values) if isinstance(values[0], Tensor) else _merged(values, merge)
    return replace(records[0], **merged)
