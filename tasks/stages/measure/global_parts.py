"""Loadings of the segments of a few items on the leading factors of the whole benchmark."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from jaxtyping import Float

from ilime_core.faithfulness.measured_pair import GlobalPart
from tasks.run_files.committed import read_rows
from tasks.run_files.match_plan import item_blocks_of
from tasks.run_files.plan import OpenRun
from tasks.stages.score.effect_tables import item_effects
from tasks.tables.row_filters import among

__all__ = ["GlobalParts"]

Scores = dict[tuple[str, str, str], Float[np.ndarray, "segments factors"]]


class GlobalParts:
    """Entries of the global singular vectors of some items.

    Parameters
    ----------
    run
        Its stage summarise is committed.
    item_ids
        Items of both sides.
    estimators
        Those that explain single pairs have no factors of the benchmark.
    """

    def __init__(self, run: OpenRun, item_ids: Sequence[str], estimators: Sequence[str]) -> None:
        self._strengths: dict[str, np.ndarray] = {}
        self._scores: Scores = {}
        factors = read_rows(run.storage, run.commits("summarise", [0]), "global_factors")
        mine = among("item_id", item_ids)
        commits = run.commits("score", item_blocks_of(run, item_ids))
        columns = ["item_id", "estimator", "segment", "effect"]
        rows = read_rows(run.storage, commits, "effects", columns, mine)
        for estimator in estimators:
            own = factors.filter(pc.field("estimator") == estimator).sort_by("component")
            known = rows.filter(pc.field("estimator") == estimator)
            if own.num_rows and known.num_rows:
                self._strengths[estimator] = own["strength"].to_numpy()
                self._project(estimator, own, known)

    def of(self, estimator: str, left_id: str, right_id: str) -> GlobalPart | None:
        """A pair's part; None where the estimator has no factors of the benchmark.

        Parameters
        ----------
        estimator
            Name of the estimator.
        left_id, right_id
            Items of the pair.

        Returns
        -------
        GlobalPart | None
            Loadings of both items with the strengths of the factors.
        """
        if estimator not in self._strengths:
            return None
        return GlobalPart(
            self._scores[estimator, "left", left_id],
            self._scores[estimator, "right", right_id],
            self._strengths[estimator],
        )

    def _project(self, estimator: str, factors: pa.Table, rows: pa.Table) -> None:
        effects = item_effects(rows.drop_columns(["estimator"]))
        for side in ("left", "right"):
            directions = np.asarray(factors[f"{side}_direction"].to_pylist(), dtype=np.float64)
            scores = np.split(effects.rows.double().numpy() @ directions.T, effects.first[1:])
            self._scores |= {
                (estimator, side, name): own for name, own in zip(effects.item_ids, scores, strict=True)
            }
