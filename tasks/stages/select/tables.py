"""Rows of finished searches."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyarrow as pa

from ilime_core.segmentation.word_boundaries import normalise_word
from ilime_core.selection.question import SubsetQuestion
from ilime_core.selection.search import Selection, SelectionStep
from tasks.run_files.plan import OpenRun
from tasks.stages.measure.baselines import baseline_name
from tasks.stages.select.inputs import Asked
from tasks.stages.select.plan import SelectPlan
from tasks.tables import TABLES

__all__ = ["Found", "selection_curve_table", "selection_table"]


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """One search with its end.

    Attributes
    ----------
    pool_ids
        Items by their place in the pool.
    """

    asked: Asked
    method: str
    selection: Selection
    question: SubsetQuestion
    pool_ids: tuple[str, ...]

    @property
    def n_pool(self) -> int:
        """Candidates beside the item itself."""
        return len(self.pool_ids) - (self.question.own_place is not None)


def selection_table(run: OpenRun, plan: SelectPlan, found: Iterable[Found]) -> pa.Table:
    """Rows of ``selections``: one a step.

    Parameters
    ----------
    run
        Opened plan of the run.
    plan
        Plan of the selection.
    found
        Finished searches.

    Returns
    -------
    pa.Table
        Empty where no search has a step.
    """
    weights = list(plan.parameters.weights)
    rows = [
        {
            **_identity(run, plan, one),
            "step": number,
            "segment": step.segment,
            **_parts(step, weights, 1 + len(one.question.rivals)),
            "score": step.score,
            "margin": step.margin if math.isfinite(step.margin) else None,
            "top1_before": one.pool_ids[one.selection.before],
            "top1_after": one.pool_ids[step.top],
            "n_pool": one.n_pool,
            "proved": one.selection.proved,
            "reason": one.selection.reason,
            "n_encodes": step.n_encodes,
        }
        for one in found
        for number, step in enumerate(one.selection.steps)
    ]
    return pa.Table.from_pylist(rows, schema=TABLES["selections"].schema)


def selection_curve_table(run: OpenRun, plan: SelectPlan, found: Iterable[Found]) -> pa.Table:
    """Rows of ``selection_curves``: one a fading segment.

    Parameters
    ----------
    run
        Opened plan of the run.
    plan
        Plan of the selection.
    found
        Finished searches.

    Returns
    -------
    pa.Table
        Empty where no segment fades.
    """
    rows = [
        {
            **_identity(run, plan, one),
            "segment": curve.segment,
            "word": normalise_word(plan.parameters.word) or None,
            "x": curve.x,
            "y": curve.y,
            "n_encodes": curve.n_encodes,
        }
        for one in found
        for curve in one.selection.curves
    ]
    return pa.Table.from_pylist(rows, schema=TABLES["selection_curves"].schema)


def _identity(run: OpenRun, plan: SelectPlan, found: Found) -> Mapping[str, object]:
    return {
        "pair_id": found.asked.pair_id,
        "method": found.method,
        "side": found.asked.side,
        "baseline": baseline_name(run.plan.parameters.perturbation),
        "selection_id": plan.selection_id,
    }


def _parts(step: SelectionStep, weights: list[float], n_candidates: int) -> Mapping[str, object]:
    """Columns of smdl alone; NULL where nothing was maximised."""
    if step.parts is None:
        return {}
    return {
        "objective": step.parts.total,
        "confidence": step.parts.confidence,
        "effectiveness": step.parts.effectiveness,
        "consistency": step.parts.consistency,
        "collaboration": step.parts.collaboration,
        "weights": weights,
        "n_candidates": n_candidates,
    }
