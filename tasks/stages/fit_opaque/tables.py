"""Surrogates of sampled pairs as rows of the tables of stage fit."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import torch
from torch import Tensor

from ilime_core.opaque.pair_fits import pair_fits_of
from ilime_core.pair_records import PairSurrogate
from tasks.stages.fit.tables import TABLES_OF_PAIRS, FittedPairs, significance_of
from tasks.tables import TABLES

__all__ = ["opaque_tables"]


def opaque_tables(
    estimators: Sequence[str], explained: Sequence[tuple[str, Sequence[PairSurrogate]]]
) -> Mapping[str, pa.Table]:
    """Rows under the name of each estimator.

    Parameters
    ----------
    estimators
        Names of estimators of single pairs.
    explained
        Pair ids with the surrogates of all estimators, in their order; may be empty.

    Returns
    -------
    mapping of str to pyarrow.Table
        Tables of stage fit by name; empty ones included.
    """
    tables: dict[str, list[pa.Table]] = {
        name: [TABLES[name].schema.empty_table()] for name in (*TABLES_OF_PAIRS, "within_interactions")
    }
    ids = [pair_id for pair_id, _ in explained]
    for place, estimator in enumerate(estimators if explained else ()):
        surrogates = [found[place] for _, found in explained]
        fits = pair_fits_of(surrogates)
        fitted = FittedPairs(
            np.array(ids, dtype=object),
            estimator,
            fits,
            significance_of(fits, estimator),
            fits.variance.r2_cross.cpu().numpy(),
            np.array([one.penalty for one in surrogates], dtype=np.float64),
        )
        for name, make in TABLES_OF_PAIRS.items():
            tables[name].append(make(fitted).select(TABLES[name].schema.names).cast(TABLES[name].schema))
        tables["within_interactions"].append(_within_table(estimator, ids, surrogates))
    return {name: pa.concat_tables(parts) for name, parts in tables.items()}


def _within_table(estimator: str, ids: Sequence[str], surrogates: Sequence[PairSurrogate]) -> pa.Table:
    parts = [
        _within_rows({"pair_id": pair_id, "estimator": estimator, "side": side}, within)
        for pair_id, one in zip(ids, surrogates, strict=True)
        for side, within in (("left", one.left.within), ("right", one.right.within))
        if within is not None
    ]
    rows = [row for part in parts for row in part]
    return pa.Table.from_pylist(rows, schema=TABLES["within_interactions"].schema)


def _within_rows(key: Mapping[str, object], within: Tensor) -> list[dict[str, object]]:
    first, second = torch.triu_indices(*within.shape, offset=1).tolist()
    weights = within[first, second].tolist()
    return [
        {**key, "segment": i, "other_segment": j, "weight": weight}
        for i, j, weight in zip(first, second, weights, strict=True)
    ]
