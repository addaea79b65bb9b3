"""Indexing and concatenation of records whose tensors share a leading axis."""

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import Any, TypeVar

import torch
from jaxtyping import Int
from torch import Tensor

__all__ = ["join", "take"]

Record = TypeVar("Record")


def take(record: Record, index: Int[Tensor, " chosen"]) -> Record:
    """Select entries along the leading axis of every tensor of a record, nested records included.

    Parameters
    ----------
    record
        Dataclass of tensors and of such records.
    index
        Places of the chosen entries.

    Returns
    -------
    Record
        Record of the same class with ``len(index)`` entries.
    """
    return _merged([record], lambda tensors: tensors[0][index])


def join(records: Sequence[Record]) -> Record:
    """Concatenate records along the leading axis of their tensors."""
    return _merged(records, torch.cat)


def _merged(records: Sequence[Any], merge: Callable[[list[Tensor]], Tensor]) -> Any:
    merged: dict[str, Any] = {}
    for field in fields(records[0]):
        values = [getattr(record, field.name) for record in records]
        merged[field.name] = merge(values) if isinstance(values[0], Tensor) else _merged(values, merge)
    return replace(records[0], **merged)
