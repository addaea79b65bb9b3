"""Pairs of a measurement and their blocks; frozen by its first start."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import groupby

from pydantic import BaseModel, ConfigDict

from ilime_core.errors import InputError
from ilime_core.near_names import near_ids
from ilime_core.numerics import NUMERICS
from tasks.corpora.images.dataset_colour import dataset_colour
from tasks.corpora.registry import open_corpus
from tasks.planning.later_stages import measurable_estimators
from tasks.process.models import resolve_model
from tasks.run_files.naming import measure_id_of, plan_key
from tasks.run_files.plan import OpenRun, digest, open_run_plan
from tasks.run_files.plan_files import create_plan_file, read_plan_file
from tasks.runs.pairs import MatchedPair, matched_pairs
from tasks.spec import FaithfulnessParameters
from tasks.stages.measure.budget import encodes_of_pair
from tasks.stages.measure.cost import listing_of, resolved_faithfulness
from tasks.stages.pair_sample import drawing_order
from tasks.truth import open_truth

__all__ = ["MeasureBlock", "MeasurePlan", "measure_plan", "plan_measurement"]

_PLACES = {"truth": True, "refits": {"other": {"model", "checkpoint"}}}

_SHORT = 12
"""Characters of an id that an error shows."""


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
    estimators: tuple[str, ...]
    refitted: tuple[str, ...]
    """Pairs that are explained again under changes, the first of those that were drawn."""
    dataset_colour: tuple[int, int, int] | None
    """What the baseline dataset_mean shows; None where it is not measured with."""
    blocks: tuple[MeasureBlock, ...]

    @property
    def stage(self) -> str:
        """Name of its commits."""
        return f"measure-{self.measure_id}"

    @property
    def rank_stage(self) -> str:
        """Name of the commit that holds its leaderboard."""
        return f"rank-{self.measure_id}"


def plan_measurement(run: OpenRun, parameters: FaithfulnessParameters) -> MeasurePlan:
    """Draw the pairs and freeze their blocks, or return the plan that an earlier start froze.

    Without a sample the parameters take as many pairs as cost no more than explaining, always the same ones.

    Parameters
    ----------
    run
        Opened plan of the run.
    parameters
        Section of the spec.

    Returns
    -------
    MeasurePlan
        The frozen plan.

    Raises
    ------
    InputError
        If a named pair or estimator is not the run's.
    """
    seed = run.plan.parameters.seed
    if parameters.sample is None:
        parameters = resolved_faithfulness(listing_of(run, {"faithfulness": parameters}))
    measure_id = measure_id_of(
        {
            # Paths of truth and of the other model do not change what is measured; their contents do.
            "parameters": digest(parameters.model_dump(mode="json", by_alias=True, exclude=_PLACES)),
            "truth": _truth_digest(run, parameters),
            "other": _other_digest(parameters),
            "seed": str(seed),
            "numerics": f"{NUMERICS['measure']}, {NUMERICS['rank']}",
        }
    )
    name = f"{measure_id}.json"
    if not run.storage.exists(plan_key(run.run_id, name)):
        pairs = matched_pairs(run)
        drawn = _drawn(run, parameters, pairs)
        estimators = measurable_estimators(run.plan.parameters, parameters)
        plan = MeasurePlan(
            measure_id=measure_id,
            parameters=parameters,
            estimators=estimators,
            refitted=tuple(drawn[: parameters.refits.sample]),
            dataset_colour=_colour(run, parameters),
            blocks=_blocks(run, parameters, pairs, drawn),
        )
        create_plan_file(run.storage, run.run_id, name, plan)
    return measure_plan(run, measure_id)


def measure_plan(run: OpenRun, measure_id: str) -> MeasurePlan:
    """The frozen plan of a measurement; read once per process.

    Parameters
    ----------
    run
        Opened plan of the run.
    measure_id
        Id of the measurement.

    Returns
    -------
    MeasurePlan
        Plan as the first start wrote it.
    """
    return _read(run.root, run.run_id, measure_id)


@lru_cache(maxsize=8)
def _read(root: str, run_id: str, measure_id: str) -> MeasurePlan:
    return read_plan_file(open_run_plan(root, run_id).storage, run_id, f"{measure_id}.json", MeasurePlan)[0]


def _truth_digest(run: OpenRun, parameters: FaithfulnessParameters) -> str:
    if not parameters.needs_truth:
        return ""
    truth = open_truth(parameters.truth, run.plan.parameters.corpus)
    return "" if truth is None else truth.fingerprint()


def _other_digest(parameters: FaithfulnessParameters) -> str:
    """Digest of the weights of the model that is compared with: a name does not identify weights."""
    other = parameters.refits.other
    return resolve_model(other).fingerprint if other and parameters.needs_other_model else ""


def _drawn(run: OpenRun, parameters: FaithfulnessParameters, pairs: Sequence[MatchedPair]) -> list[str]:
    """Ids of the pairs to measure, first drawn first."""
    if parameters.pairs:
        return [_named(run, prefix, pairs) for prefix in parameters.pairs]
    offered = [
        (pair.pair_id, pair.relation)
        for pair in pairs
        if pair.relation in parameters.relations or not parameters.relations
    ]
    return drawing_order(offered, run.plan.parameters.seed)[: parameters.sample]


def _named(run: OpenRun, prefix: str, pairs: Sequence[MatchedPair]) -> str:
    fitting = [pair.pair_id for pair in pairs if pair.pair_id.startswith(prefix)]
    if len(fitting) != 1:
        hint = "" if fitting else near_ids(prefix, (pair.pair_id for pair in pairs), _SHORT)
        raise InputError(
            f"faithfulness.pairs: {prefix!r} fits {len(fitting)} pairs of run {run.run_id}{hint or ';'} "
            "needed is one"
        )
    return fitting[0]


def _colour(run: OpenRun, parameters: FaithfulnessParameters) -> tuple[int, int, int] | None:
    if all(one.image_baseline != "dataset_mean" for one in parameters.baselines):
        return run.plan.dataset_colour
    corpus = run.plan.parameters.corpus
    return run.plan.dataset_colour or dataset_colour(open_corpus(corpus), run.plan.parameters.seed)


def _blocks(
    run: OpenRun,
    parameters: FaithfulnessParameters,
    pairs: Iterable[MatchedPair],
    drawn: Sequence[str],
) -> tuple[MeasureBlock, ...]:
    """Whole groups of pairs that share their left item, whose random orders are then encoded once."""
    chosen = set(drawn)
    mine = sorted(
        (pair for pair in pairs if pair.pair_id in chosen), key=lambda pair: (pair.left_id, pair.right_id)
    )
    size = max(
        1, run.plan.parameters.blocks.image_encodes // encodes_of_pair(run.plan.parameters, parameters)
    )
    filled: list[list[str]] = []
    for _, group in groupby(mine, key=lambda pair: pair.left_id):
        ids = [pair.pair_id for pair in group]
        if not filled or len(filled[-1]) + len(ids) > size:
            filled.append([])
        filled[-1] += ids
    return tuple(MeasureBlock(block=block, pair_ids=tuple(ids)) for block, ids in enumerate(filled))
