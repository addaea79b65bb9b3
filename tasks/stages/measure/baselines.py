"""What stands in for removed segments while measuring: what was fitted with, and others."""

import copy

from tasks.run_files.plan import OpenRun
from tasks.spec import FillParameters, PerturbationParameters

__all__ = ["FITTED", "fill_name", "filled"]

FITTED = FillParameters()
"""The fill that explanations were fitted with."""


def fill_name(perturbation: PerturbationParameters) -> str:
    """As tables call it."""
    return f"{perturbation.image_baseline}, {perturbation.text_removal}"


def filled(run: OpenRun, fill: FillParameters, colour: tuple[int, int, int] | None) -> OpenRun:
    """The run as it would perturb with another fill; its tables are the same.

    Parameters
    ----------
    colour
        Mean of the corpus, which ``dataset_mean`` fills with.
    """
    changes = {name: value for name, value in fill.model_dump().items() if value is not None}
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
