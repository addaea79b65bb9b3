"""Settings of an explanation in memory."""

from dataclasses import dataclass, field

from ilime_core.effects.registry import ESTIMATORS, FitOptions, check_refinement
from ilime_core.encoders.text_cut import TextUnit
from ilime_core.errors import InputError
from ilime_core.near_names import did_you_mean
from ilime_core.perturbation.baselines import BASELINES
from ilime_core.perturbation.text_removal import TextRemoval
from ilime_core.white_box.registry import WHITE_BOX

__all__ = ["ExplainOptions"]


@dataclass(frozen=True, slots=True)
class ExplainOptions:
    """How items and pairs are explained; names and defaults are those of a run's spec."""

    estimators: tuple[str, ...] = ("banzhaf",)
    """Methods that explain items; pairs are explained by the first."""
    segmenter: str = "slic"
    """How views are cut into regions."""
    n_segments: int = 49
    """Regions wanted of a view."""
    text_unit: TextUnit = "word"
    """Whether texts are cut into words or into the tokenizer's tokens."""
    design: str = "foldover"
    """How masks are drawn."""
    p: float = 0.5
    """Probability with which a mask keeps a segment."""
    max_image_masks: int = 256
    max_text_masks: int = 64
    shapley_image_masks: int = 128
    """Further masks of an image for estimators that read Shapley rows."""
    shapley_text_masks: int = 32
    held_out_image_masks: int = 64
    """Fresh masks of an image that test the fit; 0 for none."""
    held_out_text_masks: int = 16
    image_baseline: str = "segment_mean"
    """What replaces a removed region."""
    baseline_colour: tuple[int, int, int] = (127, 127, 127)
    """constant, dataset_mean: red, green, blue, 0 to 255."""
    blur_sigma: float = 10.0
    """blur: standard deviation in view pixels."""
    text_removal: TextRemoval = "drop"
    """Whether removed words are cut out, or the mask word is written in their place."""
    fit: FitOptions = field(default_factory=FitOptions)
    """Settings of single estimators."""
    path_steps: int = 16
    """integrated_jacobian: points of the path from the empty to the whole item."""
    image_batch: int = 32
    """Rows of an image batch; halved where the device runs out of memory."""
    text_batch: int = 64
    seed: int = 0
    """Of all random choices; each item's also depend on its content, so that no order changes a number."""

    def __post_init__(self) -> None:
        """Refuse estimators that do not explain items or go with the baseline, and refinements of nothing.

        Raises
        ------
        InputError
            If there is none, or one is unknown, explains single pairs by their scores, or looks into the
            model where no picture replaces removed regions; if ``fit.refine``
            goes with no estimator, with another design than foldover, or with weights or a ridge.
        """
        known = (*ESTIMATORS.names, *WHITE_BOX.names)
        if not self.estimators:
            raise InputError(f"at least one estimator is needed, known are {', '.join(known)}")
        for name in self.estimators:
            if name not in known:
                raise InputError(
                    f"no estimator of items is called {name!r}{did_you_mean(name, known) or '.'} "
                    f"Known: {', '.join(known)}."
                )
        inside = [name for name in self.estimators if name in WHITE_BOX.names]
        if inside and not BASELINES[self.image_baseline].paints:
            raise InputError(
                f"{inside[0]} reads a picture that replaces removed regions, and {self.image_baseline} makes "
                "none: take another image_baseline, or leave the estimator out"
            )
        check_refinement(self.fit, self.design, self.estimators)
