"""Settings of a spec as those of an explanation in memory."""

from ilime_core.explaining.options import ExplainOptions
from tasks.spec import ExplainParameters
from tasks.spec.core_options import fit_options

__all__ = ["memory_options"]


def memory_options(parameters: ExplainParameters) -> ExplainOptions:
    """Convert a spec's settings of items to options of the core.

    Raises
    ------
    InputError
        If one of its estimators explains no items but asks for scores of single pairs.
    """
    segmentation, perturbation, blocks = parameters.segmentation, parameters.perturbation, parameters.blocks
    return ExplainOptions(
        estimators=parameters.estimators,
        segmenter=segmentation.image.method,
        n_segments=segmentation.image.n_segments,
        text_unit=segmentation.text.unit,
        design=perturbation.design,
        p=perturbation.p,
        max_image_masks=perturbation.max_image_masks,
        max_text_masks=perturbation.max_text_masks,
        shapley_image_masks=perturbation.shapley_image_masks,
        shapley_text_masks=perturbation.shapley_text_masks,
        held_out_image_masks=perturbation.held_out.image,
        held_out_text_masks=perturbation.held_out.text,
        image_baseline=perturbation.image_baseline,
        baseline_colour=perturbation.baseline_colour,
        blur_sigma=perturbation.blur_sigma,
        text_removal=perturbation.text_removal,
        fit=fit_options(parameters),
        path_steps=parameters.estimation.path_steps,
        image_batch=blocks.image_batch,
        text_batch=blocks.text_batch,
        seed=parameters.seed,
    )
