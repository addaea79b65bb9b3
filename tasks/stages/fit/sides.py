"""Items of one side of a block of pairs, stacked under each estimator."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ilime_core.effects.registry import gives_posterior
from ilime_core.interactions.fidelity import HeldOutStack, stack_held_out
from ilime_core.interactions.stack import EffectsStack, join_stacks, stack_effects
from ilime_core.records import HeldOut
from tasks.run_files.commits import Commit
from tasks.run_files.plan import OpenRun
from tasks.spec.core_options import design_probability, fit_options
from tasks.spec.estimator_kinds import item_estimators
from tasks.stages.fit.inputs import FitInputs, read_fit_inputs

__all__ = ["FitSide", "read_sides"]


@dataclass(frozen=True, slots=True, eq=False)
class FitSide:
    """Effects and held-out masks of the left or of the right items of a block under one estimator."""

    known: Mapping[str, int]
    """Place of each explained item in the stacks."""
    stack: EffectsStack
    held_out: HeldOutStack

    def places(self, item_ids: Sequence[str]) -> Tensor:
        """Rows of the stacks."""
        return torch.tensor([self.known[name] for name in item_ids], dtype=torch.long)


def read_sides(run: OpenRun, commits: Sequence[Commit], item_ids: Sequence[str]) -> dict[str, FitSide]:
    """Read and stack the items of one side, the rows of one record in memory at a time.

    Parameters
    ----------
    run
        Opened plan of the run.
    commits
        Records of score that hold the items.
    item_ids
        Items of the side.

    Returns
    -------
    dict of str to FitSide
        By estimator; without those that have effects of no item.

    Raises
    ------
    StorageError
        If a part is missing or damaged.
    """
    growing = {name: _Growing([], [], []) for name in item_estimators(run.plan.parameters)}
    for commit in commits:
        _add(growing, run, read_fit_inputs(run.storage, [commit], item_ids), item_ids)
    return {name: _finished(side) for name, side in growing.items() if side.names}


@dataclass(frozen=True, slots=True, eq=False)
class _Growing:
    """What has been read of a side under one estimator."""

    names: list[str]
    stacks: list[EffectsStack]
    held_out: list[HeldOut | None]


def _add(growing: Mapping[str, _Growing], run: OpenRun, inputs: FitInputs, item_ids: Sequence[str]) -> None:
    options = fit_options(run.plan.parameters)
    for estimator, side in growing.items():
        names = inputs.explained(estimator, item_ids)
        if not names:
            continue
        effects = inputs.effects_of(estimator, names)
        p = design_probability(estimator, run.plan.parameters)
        side.names.extend(names)
        side.stacks.append(stack_effects(effects, p=p, posterior=gives_posterior(estimator, options)))
        side.held_out.extend(inputs.held_out_of(names, effects))


def _finished(side: _Growing) -> FitSide:
    stack = join_stacks(side.stacks)
    held_out = stack_held_out(side.held_out, stack)
    side.held_out.clear()
    return FitSide({name: place for place, name in enumerate(side.names)}, stack, held_out)
