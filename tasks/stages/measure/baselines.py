"""Baselines of a measurement: what replaces removed segments, as in the fit or otherwise."""

import copy

from tasks.run_files.plan import OpenRun
from tasks.spec import BaselineParameters, PerturbationParameters

__all__ = ["FITTED", "baseline_name", "with_baseline"]

FITTED = BaselineParameters()
"""The baseline that explanations were fitted with."""


def baseline_name(perturbation: PerturbationParameters) -> str:
    """Name of a baseline in tables: that of regions and that of words."""
    return f"{perturbation.image_baseline}, {perturbation.text_removal}"


def with_baseline(run: OpenRun, baseline: BaselineParameters, colour: tuple[int, int, int] | None) -> OpenRun:
    """The run as it would perturb with another baseline; its tables are the same.

    Parameters
    ----------
    run
        Opened plan of the run.
    baseline
        Fields that differ from the fit; None keeps a field.
    colour
        Mean colour of the corpus, for the baseline ``dataset_mean``.

    Returns
    -------
    OpenRun
        The same object where nothing differs.
    """
    changes = {name: value for name, value in baseline.model_dump().items() if value is not None}
    if not changes:
        return run
    parameters = run.plan.parameters
    perturbation = parameters.perturbation.model_copy(update=changes)
    of_corpus = colour if perturbation.image_baseline == "dataset_mean" else None
    other = copy.copy(run)
    other.plan = run.plan.model_copy(
        update={
            "parameters": parameters.model_copy(update={"perturbation": perturbation}),
            "dataset_colour": of_corpus,
        }
    )
    return other
