"""Which pairs a measurement looks at, in which blocks; frozen by its first start."""

from functools import lru_cache

from pydantic import BaseModel, ConfigDict

from ilime_core.draws import named_uniform
from ilime_core.numerics import NUMERICS
from tasks.commits import read_rows
from tasks.naming import measure_id_of, plan_key
from tasks.parameters import FaithfulnessParameters
from tasks.plan import OpenRun, digest
from tasks.storage import Storage

__all__ = ["MeasureBlock", "MeasurePlan", "measure_plan", "plan_measurement"]


class MeasureBlock(BaseModel):
    """Pairs that are measured and committed together."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    block: int
    pair_ids: tuple[str, ...]


class MeasurePlan(BaseModel):
    """A measurement of a run; another choice of parameters is another measurement."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    measure_id: str
    parameters: FaithfulnessParameters
    blocks: tuple[MeasureBlock, ...]

    @property
    def stage(self) -> str:
        """Name of its commits."""
        return f"measure-{self.measure_id}"


def plan_measurement(run: OpenRun, parameters: FaithfulnessParameters) -> MeasurePlan:
    """Draw the pairs and freeze their blocks, or take what an earlier start froze.

    A larger sample contains a smaller one: each pair carries a seeded number, and the smallest are taken.
    """
    seed = run.plan.parameters.seed
    measure_id = measure_id_of(
        {
            "parameters": digest(parameters.model_dump(mode="json")),
            "seed": str(seed),
            "numerics": str(NUMERICS["measure"]),
        }
    )
    key = plan_key(run.run_id, f"{measure_id}.json")
    if not run.storage.exists(key):
        pairs = read_rows(run.storage, run.commits("match", [0]), "pairs", ["pair_id", "left_id", "right_id"])
        rows = sorted(pairs.to_pylist(), key=lambda row: named_uniform(seed, "measure", row["pair_id"]))
        # Neighbours share their image, so that its random orders are encoded once.
        chosen = sorted(rows[: parameters.sample], key=lambda row: (row["left_id"], row["right_id"]))
        size = max(1, run.plan.parameters.blocks.image_encodes // _encodes_per_pair(run, parameters))
        blocks = tuple(
            MeasureBlock(
                block=start // size, pair_ids=tuple(row["pair_id"] for row in chosen[start : start + size])
            )
            for start in range(0, len(chosen), size)
        )
        plan = MeasurePlan(measure_id=measure_id, parameters=parameters, blocks=blocks)
        run.storage.create(key, plan.model_dump_json(indent=1).encode())
    return measure_plan(run, measure_id)


def measure_plan(run: OpenRun, measure_id: str) -> MeasurePlan:
    """The frozen plan of a measurement; read once per process."""
    return _read(run.root, run.run_id, measure_id)


@lru_cache(maxsize=8)
def _read(root: str, run_id: str, measure_id: str) -> MeasurePlan:
    return MeasurePlan.model_validate_json(Storage(root).read_bytes(plan_key(run_id, f"{measure_id}.json")))


def _encodes_per_pair(run: OpenRun, parameters: FaithfulnessParameters) -> int:
    inner = max(1, run.plan.parameters.segmentation.image.n_segments - 1)
    orders = parameters.random_orders + 6 * len(run.plan.parameters.estimators)
    return orders * min(inner, parameters.steps)
