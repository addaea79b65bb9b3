"""Insertion and deletion curves of pairs, as they are drawn."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc
from jaxtyping import Float

from tasks.runs.run import Run
from tasks.spec import PerturbationParameters
from tasks.stages.measure.baselines import baseline_name
from tasks.tables.row_filters import among

__all__ = ["CurvePicture", "fitted_baseline", "read_curve_pictures"]

RANDOM = "random"


@dataclass(frozen=True, slots=True, eq=False)
class CurvePicture:
    """One curve of a faithfulness measurement."""

    metric: str
    mode: str
    side: str
    """Side whose segments are added and removed: both, left or right."""
    control: str
    x: Float[np.ndarray, " steps"]
    y: Float[np.ndarray, " steps"]


def fitted_baseline(run: Run) -> str:
    """The baseline that explanations were fitted with, as tables call it."""
    parameters = run.plan.get("parameters")
    section = parameters.get("perturbation") if isinstance(parameters, Mapping) else None
    own = section if isinstance(section, Mapping) else {}
    named = {name: own[name] for name in ("image_baseline", "text_removal") if name in own}
    return baseline_name(PerturbationParameters().model_copy(update=named))


def read_curve_pictures(
    run: Run, pair_ids: Sequence[str], estimator: str
) -> dict[str, tuple[CurvePicture, ...]]:
    """Curves under the fitted baseline by pair, those of random orders last and each once.

    Random orders are the same for all estimators and are stored under one of them, which need not be this
    one. Where a pair was measured several times, the measurement with the most curves is taken; of equal ones
    the last by id.

    Parameters
    ----------
    run
        Stored run.
    pair_ids
        Pairs to read.
    estimator
        Name of the estimator whose rows are read.

    Returns
    -------
    dict of str to tuple of CurvePicture
        Curves by pair id; pairs that were not measured are absent or have no curves.
    """
    mine = (pc.field("estimator") == estimator) | (pc.field("control") == RANDOM)
    chosen = among("pair_id", pair_ids) & (pc.field("baseline") == fitted_baseline(run)) & mine
    rows: dict[str, list[dict[str, object]]] = {}
    for row in run.table("curves", _COLUMNS, chosen).to_pylist():
        rows.setdefault(row["pair_id"], []).append(row)
    return {pair_id: _of_one_measurement(own, estimator) for pair_id, own in rows.items()}


_KEY = ("metric", "mode", "side", "random_order")
_COLUMNS = ["pair_id", "estimator", "measure_id", "control", *_KEY, "x", "y"]


def _of_one_measurement(rows: list[dict[str, object]], estimator: str) -> tuple[CurvePicture, ...]:
    counts = Counter(str(row["measure_id"]) for row in rows if row["estimator"] == estimator)
    if not counts:
        return ()
    measured = max(counts, key=lambda name: (counts[name], name))
    curves: dict[tuple[object, ...], CurvePicture] = {}
    for row in sorted(rows, key=_place):
        if row["measure_id"] == measured:
            key = (row["control"], *(row[name] for name in _KEY))
            curves.setdefault(key, _curve(row))
    return tuple(curves.values())


def _place(row: Mapping[str, object]) -> tuple[object, ...]:
    return row["control"] == RANDOM, *(row[name] for name in ("control", *_KEY, "estimator"))


def _curve(row: Mapping[str, object]) -> CurvePicture:
    return CurvePicture(
        metric=str(row["metric"]),
        mode=str(row["mode"]),
        side=str(row["side"]),
        control=str(row["control"]),
        x=np.asarray(row["x"]),
        y=np.asarray(row["y"]),
    )
