"""Effects as rows of ``effects`` and ``anchors``, and back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import torch
from torch import Tensor

from ilime_core.records import Effects, LowRankCovariance
from tasks.tables import TABLES

__all__ = ["ScoredItem", "anchor_table", "effect_table", "read_effects", "vectors"]


@dataclass(frozen=True, slots=True, eq=False)
class ScoredItem:
    """Effects of one item under every estimator."""

    item_id: str
    effects: dict[str, Effects]
    design: str
    n_encodes: int


def effect_table(items: Iterable[ScoredItem]) -> pa.Table:
    """One row per item, estimator and segment."""
    rows: list[Mapping[str, object]] = []
    for item in items:
        for estimator, effects in item.effects.items():
            values, scales = _array(effects.effects), _array(effects.error_scale)
            halves = None if effects.halves is None else _array(effects.halves)
            rows += [
                {
                    "item_id": item.item_id,
                    "estimator": estimator,
                    "segment": segment,
                    "effect": values[segment],
                    "half_1": None if halves is None else halves[0, segment],
                    "half_2": None if halves is None else halves[1, segment],
                    "error_scale": float(scales[segment]),
                }
                for segment in range(len(values))
            ]
    return pa.Table.from_pylist(rows, schema=TABLES["effects"].schema)


def anchor_table(items: Iterable[ScoredItem]) -> pa.Table:
    """One row per item and estimator."""
    rows = [
        {
            "item_id": item.item_id,
            "estimator": estimator,
            "mean": _array(effects.mean),
            "intercept": _array(effects.intercept),
            "empty": _array(effects.empty),
            "full": _array(effects.full),
            **_covariance("error", effects.error),
            **_covariance("spread", effects.spread),
            "sampled": effects.sampled,
            "rank": effects.rank,
            "condition": effects.condition if np.isfinite(effects.condition) else None,
            "n_masks": effects.n_masks,
            "n_encodes": item.n_encodes,
            "design": item.design,
        }
        for item in items
        for estimator, effects in item.effects.items()
    ]
    return pa.Table.from_pylist(rows, schema=TABLES["anchors"].schema)


def read_effects(effects: pa.Table, anchors: pa.Table, item_ids: Sequence[str]) -> list[Effects]:
    """Effects of items, in the order of ``item_ids``; both tables hold rows of one estimator."""
    effects = effects.sort_by([("item_id", "ascending"), ("segment", "ascending")])
    keys = effects["item_id"].to_numpy(zero_copy_only=False)
    first, counts = _runs(keys)
    values = vectors(effects["effect"])
    halved = effects["half_1"].is_valid().to_numpy(zero_copy_only=False)
    halves = values.new_zeros((2, *values.shape))
    for half, name in enumerate(("half_1", "half_2")):
        if halved.any():
            halves[half, torch.from_numpy(halved)] = vectors(effects[name].filter(pa.array(halved)))
    scales = torch.from_numpy(effects["error_scale"].to_numpy().copy())
    rows = {row["item_id"]: row for row in anchors.to_pylist()}
    where = {
        str(keys[start]): slice(start, start + count) for start, count in zip(first, counts, strict=True)
    }
    return [
        _effects(
            rows[item],
            values[where[item]],
            scales[where[item]],
            halves[:, where[item]] if halved[where[item]].all() else None,  # an enumerated item has none
        )
        for item in item_ids
    ]


def vectors(column: pa.ChunkedArray) -> Tensor:
    """A column of equally long float lists as a matrix."""
    flat = pa.concat_arrays([chunk.flatten() for chunk in column.chunks]).to_numpy(zero_copy_only=False)
    return torch.from_numpy(flat.reshape(len(column), -1).astype(np.float32))


def _effects(row: dict[str, object], values: Tensor, scales: Tensor, halves: Tensor | None) -> Effects:
    condition = row["condition"]
    return Effects(
        effects=values,
        mean=_tensor(row["mean"]),
        intercept=_tensor(row["intercept"]),
        empty=_tensor(row["empty"]),
        full=_tensor(row["full"]),
        error=_read_covariance(row["error_factors"], row["error_rest"], values.shape[1]),
        error_scale=scales,
        spread=_read_covariance(row["spread_factors"], row["spread_rest"], values.shape[1]),
        halves=halves,
        sampled=bool(row["sampled"]),
        rank=int(str(row["rank"])),
        condition=float("inf") if condition is None else float(str(condition)),
        n_masks=int(str(row["n_masks"])),
    )


def _covariance(name: str, covariance: LowRankCovariance | None) -> dict[str, object]:
    if covariance is None:
        return {f"{name}_factors": None, f"{name}_rest": None}
    factors = covariance.factors.detach().cpu().to(torch.float16).numpy()
    return {f"{name}_factors": factors.reshape(-1), f"{name}_rest": float(covariance.rest)}


def _read_covariance(factors: object, rest: object, dim: int) -> LowRankCovariance | None:
    if factors is None or rest is None:
        return None
    rows = torch.from_numpy(np.asarray(factors, dtype=np.float32).reshape(-1, dim))
    return LowRankCovariance(rows, torch.tensor(float(str(rest))))


def _runs(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First row and length of each run of equal keys."""
    if not len(keys):
        return np.zeros(0, dtype=int), np.zeros(0, dtype=int)
    first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    return first, np.diff(np.append(first, len(keys)))


def _array(tensor: Tensor) -> np.ndarray:
    return tensor.detach().cpu().numpy().astype(np.float32)


def _tensor(value: object) -> Tensor:
    return torch.from_numpy(np.asarray(value, dtype=np.float32))
