"""Choice of ``precision: auto`` on a CPU, before a plan is frozen: bfloat16 where it is safe and pays."""

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from ilime_core.encoders.precision import processor_has_bfloat16
from ilime_core.modality import Modality
from tasks.forecast.precision_trial import TrialRequest, trial_encodes
from tasks.forecast.trial_memory import PrecisionTrial
from tasks.planning.draft import Draft
from tasks.planning.precision import as_planned_before, in_precision, is_open
from tasks.spec import ExplainParameters
from tasks.spec.estimator_kinds import draws_masks, pair_estimators
from tasks.stages.explain_cost import encodes_by_modality, scored_items

__all__ = [
    "LEAST_SPEEDUP",
    "MOST_MEDIAN",
    "MOST_P99",
    "SettledPrecision",
    "fewest_encodes",
    "judge_trial",
    "settle_precision",
]

MOST_MEDIAN = 0.1
"""Largest median shift of W, in standard errors: a 95 % interval that is off by this much covers 94.9 %."""

MOST_P99 = 0.5
"""Largest shift of 99 of 100 cells: an interval that is off by this much covers 92.1 %."""

LEAST_SPEEDUP = 1.15
"""Least ratio of seconds: below it what another precision costs in comparability with other machines is
more than what it saves."""


@dataclass(frozen=True, slots=True, eq=False)
class SettledPrecision:
    """A draft in its precision."""

    draft: Draft
    why: str = ""
    """One line for the start of a run; empty where there was no choice."""


def settle_precision(
    draft: Draft, ask: Callable[[TrialRequest], PrecisionTrial | None], *, may_try: bool
) -> SettledPrecision:
    """Choose the precision of a draft whose spec says auto, on a CPU; any other draft is returned as it is.

    Parameters
    ----------
    draft
        Draft in float32.
    ask
        Recalls or makes the trial where the model is; called only for a run that is large enough.
    may_try
        Load the model if no trial is remembered.

    Returns
    -------
    SettledPrecision
        The draft, in the precision of an earlier start where there is one.

    Raises
    ------
    InputError
        If a trial cannot load the model.
    StorageError
        If a trial cannot read the corpus.
    """
    if not is_open(draft):
        return SettledPrecision(draft)
    if (before := as_planned_before(draft)) is not None:
        return SettledPrecision(before, _as_before(before.model.precision))
    if unsafe := _untested(draft.parameters):
        return SettledPrecision(draft, _if_it_could(f"precision: float32, because {unsafe}"))
    encodes = encodes_by_modality(draft, scored_items(draft))
    used = tuple(one for one, count in encodes.items() if count)
    total, fewest = sum(encodes.values()), fewest_encodes(draft.parameters, used)
    if total < fewest:
        few = f"{total:,} encodes are too few to try bfloat16 (from {fewest:,} on)"
        return SettledPrecision(draft, _if_it_could(f"precision: float32, because {few}"))
    trial = ask(TrialRequest(draft.parameters, draft.model.fingerprint, draft.dataset_colour, used, may_try))
    if trial is None:
        later = "" if may_try else "precision: float32, unless the first start finds that bfloat16 is safe"
        return SettledPrecision(draft, _if_it_could(later))
    chosen, why = judge_trial(trial, encodes)
    return SettledPrecision(in_precision(draft, chosen), f"precision: {why}")


def fewest_encodes(parameters: ExplainParameters, modalities: Collection[Modality]) -> int:
    """Encodes of a run from which on the least speedup saves more than a trial costs.

    Smaller runs are float32 whatever was found before, so that a run's precision does not depend on what was
    run before it.

    Parameters
    ----------
    parameters
        The spec.
    modalities
        Those of the corpus.

    Returns
    -------
    int
        Encodes, images and texts together.
    """
    return math.ceil(trial_encodes(parameters, modalities) / (1 - 1 / LEAST_SPEEDUP))


def judge_trial(trial: PrecisionTrial, encodes: Mapping[Modality, int]) -> tuple[str, str]:
    """Choose by a trial.

    Parameters
    ----------
    trial
        Shift of W and speeds of the towers.
    encodes
        Encodes of the run.

    Returns
    -------
    tuple of str
        Precision, and why, in words.
    """
    if trial.problem:
        return "float32", f"float32, because bfloat16 could not be compared with it ({trial.problem})"
    speedup = _speedup(trial, encodes)
    found = (
        f"in bfloat16 W moves by {trial.median:.2g} standard errors (median; 99 % of cells by at most "
        f"{trial.p99:.2g})"
        f" and encoding is {speedup:.2f} times as fast; tried on {trial.n_pairs} pairs"
    )
    if trial.median > MOST_MEDIAN or trial.p99 > MOST_P99:
        return "float32", f"float32, because {found}; at most {MOST_MEDIAN} and {MOST_P99} are accepted"
    if speedup < LEAST_SPEEDUP:
        return "float32", f"float32, because {found}; {LEAST_SPEEDUP} times are wanted"
    return "bfloat16", f"bfloat16, because {found}"


def _speedup(trial: PrecisionTrial, encodes: Mapping[Modality, int]) -> float:
    """Seconds of the run's encodes in float32 over those in bfloat16."""
    timed = [(count, speeds) for one, count in encodes.items() if count and (speeds := trial.of(one))]
    exact = sum(count * speeds.float32 for count, speeds in timed)
    lower = sum(count * speeds.bfloat16 for count, speeds in timed)
    return exact / lower if lower else 0.0


def _untested(parameters: ExplainParameters) -> str:
    """Why a trial would say nothing of a run; empty if it does."""
    if pair_estimators(parameters):
        return f"{pair_estimators(parameters)[0]} asks for scores of single pairs, which no trial compares"
    exact = [name for name in parameters.estimators if not draws_masks(name)]
    return f"{exact[0]} has no standard error that bfloat16 could be compared with" if exact else ""


def _as_before(precision: str) -> str:
    if precision == "float32":
        return ""
    slow = "; this processor has to emulate it, which is slow" * (not processor_has_bfloat16())
    return f"precision: bfloat16, as an earlier run of this spec has it{slow}"


def _if_it_could(why: str) -> str:
    """Nothing to say on a processor that leaves no choice."""
    return why if processor_has_bfloat16() else ""
