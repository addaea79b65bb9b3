"""Coalitions of an item to encode, and their embeddings once they are encoded."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Bool, Float, Int64

from ilime_core.errors import InputError

if TYPE_CHECKING:
    from torch import Tensor
else:
    Tensor = Any  # torch takes seconds to load, and the registry of metrics is read without it

__all__ = ["EncodedCoalitions", "MaskSet", "merge_masks"]

_EMPTY, _FULL = -1, -2


@dataclass(frozen=True, slots=True, eq=False)
class MaskSet:
    """Distinct coalitions of one item in the order of their packed bits, neither empty nor full."""

    rows: Bool[np.ndarray, "masks segments"]

    def locate(self, masks: Bool[np.ndarray, "queries segments"]) -> Int64[np.ndarray, " queries"]:
        """Row of every coalition; -1 for the empty and -2 for the full one, which are known anyway.

        Raises
        ------
        InputError
            If a coalition is not in the set.
        """
        known, asked = _keys(self.rows), _keys(masks)
        found = np.searchsorted(known, asked)
        inside = np.minimum(found, max(len(known) - 1, 0))
        missing = known[inside] != asked if len(known) else np.ones(len(asked), dtype=bool)
        empty, full = ~masks.any(axis=1), masks.all(axis=1)
        n_unknown = int((missing & ~empty & ~full).sum())
        if n_unknown:
            raise InputError(f"{n_unknown} of {len(masks)} coalitions were not encoded: request them first.")
        return np.where(full, _FULL, np.where(empty, _EMPTY, found)).astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class EncodedCoalitions:
    """An item with the embeddings of some of its coalitions."""

    masks: MaskSet
    embeddings: Float[Tensor, "masks dim"]
    """One row for each row of ``masks``."""
    empty: Float[Tensor, " dim"]
    full: Float[Tensor, " dim"]

    def embed(self, masks: Bool[np.ndarray, "queries segments"]) -> Float[Tensor, "queries dim"]:
        """Embeddings of coalitions that were encoded, or are empty or full.

        Raises
        ------
        InputError
            If one was not encoded.
        """
        import torch

        known = torch.cat([self.embeddings, self.full[None], self.empty[None]])
        return known[torch.as_tensor(self.masks.locate(masks), device=known.device)]


def merge_masks(wanted: Iterable[tuple[str, Bool[np.ndarray, "_ _"]]]) -> dict[str, MaskSet]:
    """Collect the coalitions that pairs ask of each item, so that an item is encoded once for all its pairs.

    Parameters
    ----------
    wanted
        Item id and coalitions; an item may come again and again, as it does when it stands in several pairs.

    Raises
    ------
    InputError
        If two requests disagree on the number of an item's segments.
    """
    seen: dict[str, Bool[np.ndarray, "masks segments"]] = {}
    for item_id, masks in wanted:
        before = seen.get(item_id)
        if before is not None and before.shape[1] != masks.shape[1]:
            raise InputError(
                f"{item_id} has {before.shape[1]} segments in one pair and {masks.shape[1]} in another."
            )
        seen[item_id] = _distinct(masks if before is None else np.concatenate([before, masks]))
    return {item_id: MaskSet(rows) for item_id, rows in seen.items()}


def _distinct(masks: Bool[np.ndarray, "masks segments"]) -> Bool[np.ndarray, "kept segments"]:
    inner = masks[masks.any(axis=1) & ~masks.all(axis=1)]
    _, first = np.unique(_keys(inner), return_index=True)
    return inner[first]


def _keys(masks: Bool[np.ndarray, "masks segments"]) -> np.ndarray:
    # Byte strings of one width sort and compare as their bits do: numpy ignores zero bytes at their end,
    # which is harmless where all have the same width.
    packed = np.ascontiguousarray(np.packbits(masks, axis=1))
    return packed.view(f"S{packed.shape[1]}").reshape(len(masks))
