"""Scorers of a process: resolved without weights, loaded once, under the device lock of the model."""

from functools import lru_cache
from pathlib import Path
from threading import Lock

from ilime_core.errors import InputError
from ilime_core.opaque.scorer_building import build_scorer, fingerprint_scorer
from ilime_core.opaque.scorer_spec import ScorerSpec
from ilime_core.protocols.pairs import PairScorer
from tasks.process.plugin_environment import allowed_plugins
from tasks.run_files.plan import OpenRun
from tasks.spec import OpaqueParameters

__all__ = ["resolve_scorer", "scorer_of"]

_loading = Lock()


def resolve_scorer(parameters: OpaqueParameters) -> str:
    """Fingerprint of the scorer's files; empty for a read-out. Its weights are rarely loaded for it."""
    return fingerprint_scorer(_specification(parameters))


def scorer_of(run: OpenRun) -> PairScorer:
    """The run's scorer, loaded at the first call of the process.

    Raises
    ------
    InputError
        If its weights, tokenizer or preprocessing are not those that the run was planned with.
    """
    plan = run.plan
    with _loading:  # single flight: two blocks must not load two copies
        scorer = _load(_specification(plan.parameters.opaque), plan.model.device, plan.model.precision)
    if scorer.fingerprint() != plan.scorer:
        raise InputError(
            f"the scorer has changed since run {run.run_id} was planned (fingerprint "
            f"{scorer.fingerprint()[:12]}, planned {plan.scorer[:12]}); start ilime explain again"
        )
    return scorer


@lru_cache(maxsize=1)
def _load(specification: ScorerSpec, device: str, precision: str) -> PairScorer:
    return build_scorer(specification, device, precision)


def _specification(parameters: OpaqueParameters) -> ScorerSpec:
    return ScorerSpec(
        name=parameters.scorer,
        checkpoint=Path(parameters.checkpoint) if parameters.checkpoint else None,
        factory=parameters.factory,
        allowed_plugins=allowed_plugins(),
    )
