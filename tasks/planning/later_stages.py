"""Inputs of later stages beside the corpus: opened when a run is planned, so that nothing fails late."""

from collections.abc import Callable

from ilime_core.errors import InputError
from ilime_core.near_names import did_you_mean
from tasks.run_files.plan import ResolvedModel
from tasks.spec import ExplainParameters, FaithfulnessParameters, ModelParameters
from tasks.spec.estimator_kinds import item_estimators
from tasks.truth import open_truth

__all__ = ["check_later_stages", "measurable_estimators"]


def check_later_stages(
    parameters: ExplainParameters, resolve: Callable[[ModelParameters], ResolvedModel]
) -> None:
    """Refuse a truth, another model or names of estimators that measuring could not use.

    Parameters
    ----------
    parameters
        The spec.
    resolve
        Takes a model's fingerprint; on a worker, where only workers have the model.

    Raises
    ------
    InputError
        One line: the field, what was got and what is needed.
    """
    faithfulness = parameters.faithfulness
    if not faithfulness.measures:
        return
    measurable_estimators(parameters, faithfulness)
    if faithfulness.needs_truth:
        open_truth(faithfulness.truth, parameters.corpus)
    other = faithfulness.refits.other
    if other is not None and faithfulness.needs_other_model:
        resolve(other)


def measurable_estimators(own: ExplainParameters, asked: FaithfulnessParameters) -> tuple[str, ...]:
    """Estimators of a run that can be measured and are asked for, in its order.

    Perturbed items are embedded when measuring: an explanation of another model's scores would be compared
    with the encoder's.

    Parameters
    ----------
    own
        Spec of the run.
    asked
        Section ``faithfulness``; no names ask for all.

    Returns
    -------
    tuple[str, ...]
        Names, in the order of the run.

    Raises
    ------
    InputError
        If one that is asked for is not among them.
    """
    known = own.estimators if own.opaque.reads_embeddings else item_estimators(own)
    unknown = [name for name in asked.estimators if name not in known]
    if unknown:
        hint = did_you_mean(unknown[0], known) or "."
        raise InputError(
            f"faithfulness.estimators: {unknown[0]!r} cannot be measured in this run{hint} It holds "
            f"{', '.join(known)}"
        )
    return tuple(name for name in known if name in asked.estimators or not asked.estimators)
