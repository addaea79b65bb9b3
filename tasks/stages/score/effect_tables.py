"""Effects as rows of ``effects`` and ``item_fits``, and back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import torch
from torch import Tensor

from ilime_core.effects.effect_error import effect_error
from ilime_core.errors import InternalError
from ilime_core.perturbation.item_masks import ItemMasks
from ilime_core.records import Effects, LowRankCovariance
from tasks.tables import TABLES
from tasks.tables.arrays import item_runs
from tasks.tables.tensors import flat_reals, vectors

__all__ = [
    "ItemEffects",
    "ScoredEffects",
    "effect_table",
    "item_effects",
    "item_fit_table",
    "read_effects",
]


ScoredEffects = Mapping[str, Mapping[str, Effects]]
"""Effects by item and estimator."""


def effect_table(scored: ScoredEffects) -> pa.Table:
    """One row per item, estimator and segment."""
    rows: list[Mapping[str, object]] = []
    for item_id, found in scored.items():
        for estimator, effects in found.items():
            values, scales = _array(effects.effects), _array(effects.error_scale)
            halves = None if effects.halves is None else _array(effects.halves)
            degrees = None if effects.degrees is None else _array(effects.degrees)
            rows += [
                {
                    "item_id": item_id,
                    "estimator": estimator,
                    "segment": segment,
                    "effect": values[segment],
                    "half_1": None if halves is None else halves[0, segment],
                    "half_2": None if halves is None else halves[1, segment],
                    "error_scale": float(scales[segment]),
                    "degrees": None if degrees is None else float(degrees[segment]),
                }
                for segment in range(len(values))
            ]
    return pa.Table.from_pylist(rows, schema=TABLES["effects"].schema)


def item_fit_table(
    scored: ScoredEffects,
    masks: Mapping[str, ItemMasks],
    n_encodes: Callable[[ItemMasks], int],
    ended: Mapping[str, str | None],
) -> pa.Table:
    """One row per item and estimator.

    Parameters
    ----------
    scored
        Effects by item id and estimator.
    masks
        Masks by item id.
    n_encodes
        Counts the encodes of an item's masks.
    ended
        Why an item has no more masks, by item id; None where its budget was fixed.

    Returns
    -------
    pa.Table
        Rows of the table ``item_fits``.
    """
    rows = [
        {
            "item_id": item_id,
            "estimator": estimator,
            "mean": _array(effects.mean),
            "intercept": _array(effects.intercept),
            "empty_embedding": _array(effects.empty),
            "full_embedding": _array(effects.full),
            **_covariance("error", effects.error),
            **_covariance("spread", effects.spread),
            "sampled": effects.sampled,
            "rank": effects.rank,
            "condition": effects.condition if np.isfinite(effects.condition) else None,
            "n_masks": effects.n_masks,
            "n_encodes": n_encodes(masks[item_id]),
            "design": masks[item_id].sets.design,
            "effect_error": error if np.isfinite(error := effect_error(effects)) else None,
            "budget_ended": ended[item_id],
        }
        for item_id, found in scored.items()
        for estimator, effects in found.items()
    ]
    return pa.Table.from_pylist(rows, schema=TABLES["item_fits"].schema)


def read_effects(effects: pa.Table, item_fits: pa.Table, item_ids: Sequence[str]) -> list[Effects]:
    """Effects of items, in the order of ``item_ids``; both tables hold rows of one estimator.

    Parameters
    ----------
    effects
        Rows of ``effects``, in any order.
    item_fits
        Rows of ``item_fits``.
    item_ids
        Items that both tables hold.

    Returns
    -------
    list of Effects
        One for each item.
    """
    if not item_ids:
        return []
    effects, first, counts = item_runs(effects, "segment")
    keys = effects["item_id"].to_numpy(zero_copy_only=False)
    values = vectors(effects["effect"])
    halved = effects["half_1"].is_valid().to_numpy(zero_copy_only=False)
    halves = values.new_zeros((2, *values.shape))
    for half, name in enumerate(("half_1", "half_2")):
        if halved.any():
            halves[half, torch.from_numpy(halved)] = vectors(effects[name].filter(pa.array(halved)))
    scales = torch.from_numpy(effects["error_scale"].to_numpy().copy())
    degrees = torch.from_numpy(effects["degrees"].to_numpy().astype(np.float32))
    rows = _item_fit_rows(item_fits)
    where = {
        str(keys[start]): slice(start, start + count) for start, count in zip(first, counts, strict=True)
    }
    return [
        _effects(
            rows[item],
            values[where[item]],
            scales[where[item]],
            None if degrees[where[item]].isnan().any() else degrees[where[item]],
            halves[:, where[item]] if halved[where[item]].all() else None,  # an enumerated item has none
        )
        for item in item_ids
    ]


@dataclass(frozen=True, slots=True, eq=False)
class ItemEffects:
    """Effects of many items under one estimator and nothing else of them, one row a segment."""

    item_ids: tuple[str, ...]
    first: np.ndarray
    """Row of each item's segment 0."""
    rows: Tensor

    def place(self, row: int) -> tuple[str, int]:
        """Item and segment of a row."""
        item = int(np.searchsorted(self.first, row, side="right")) - 1
        return self.item_ids[item], row - int(self.first[item])


def item_effects(effects: pa.Table) -> ItemEffects:
    """Effects alone: item_id, segment and effect of one estimator."""
    if not effects.num_rows:
        return ItemEffects((), np.zeros(0, dtype=int), torch.zeros((0, 0)))
    effects, first, _ = item_runs(effects, "segment")
    keys = effects["item_id"].to_numpy(zero_copy_only=False)
    return ItemEffects(tuple(map(str, keys[first])), first, vectors(effects["effect"]))


@dataclass(frozen=True, slots=True, eq=False)
class _ItemFitRow:
    """A row of ``item_fits``; vectors never become Python numbers, of which a block would have millions."""

    numbers: dict[str, object]
    vectors: dict[str, Tensor | None]

    def vector(self, name: str) -> Tensor:
        found = self.vectors[name]
        if found is None:
            raise InternalError(f"item_fits: item {self.numbers['item_id']} has no {name}")
        return found

    def covariance(self, name: str, dim: int) -> LowRankCovariance | None:
        factors, rest = self.vectors[f"{name}_factors"], self.numbers[f"{name}_rest"]
        if factors is None or rest is None:
            return None
        return LowRankCovariance(factors.reshape(-1, dim), torch.tensor(float(str(rest))))


def _item_fit_rows(item_fits: pa.Table) -> dict[str, _ItemFitRow]:
    lists = [field.name for field in item_fits.schema if pa.types.is_list(field.type)]
    columns = {name: _row_vectors(item_fits[name]) for name in lists}
    return {
        str(row["item_id"]): _ItemFitRow(row, {name: columns[name][place] for name in lists})
        for place, row in enumerate(item_fits.drop_columns(lists).to_pylist())
    }


def _row_vectors(column: pa.ChunkedArray) -> list[Tensor | None]:
    """Float lists of any lengths, None where there is none; all views of one array."""
    if not len(column):
        return []
    lists = column.combine_chunks()
    flat = flat_reals(lists.values)
    offsets, valid = lists.offsets.to_numpy(), lists.is_valid().to_numpy(zero_copy_only=False)
    return [
        flat[start:stop] if present else None
        for start, stop, present in zip(offsets[:-1], offsets[1:], valid, strict=True)
    ]


def _effects(
    row: _ItemFitRow, values: Tensor, scales: Tensor, degrees: Tensor | None, halves: Tensor | None
) -> Effects:
    condition = row.numbers["condition"]
    return Effects(
        effects=values,
        mean=row.vector("mean"),
        intercept=row.vector("intercept"),
        empty=row.vector("empty_embedding"),
        full=row.vector("full_embedding"),
        error=row.covariance("error", values.shape[1]),
        error_scale=scales,
        degrees=degrees,
        spread=row.covariance("spread", values.shape[1]),
        halves=halves,
        sampled=bool(row.numbers["sampled"]),
        rank=int(str(row.numbers["rank"])),
        condition=float("inf") if condition is None else float(str(condition)),
        n_masks=int(str(row.numbers["n_masks"])),
    )


def _covariance(name: str, covariance: LowRankCovariance | None) -> dict[str, object]:
    if covariance is None:
        return {f"{name}_factors": None, f"{name}_rest": None}
    return {f"{name}_factors": _array(covariance.factors).reshape(-1), f"{name}_rest": float(covariance.rest)}


def _array(tensor: Tensor) -> np.ndarray:
    return tensor.detach().cpu().numpy().astype(np.float32)
