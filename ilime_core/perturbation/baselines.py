"""Registry of the baselines of images, by their names in the spec."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ilime_core.registry import Entry, Registry, lazy

if TYPE_CHECKING:
    from ilime_core.protocols.perturbation import Baseline

__all__ = ["BASELINES", "BaselineOptions"]


@dataclass(frozen=True, slots=True)
class BaselineOptions:
    """Settings of all baselines; each reads its own."""

    baseline_colour: tuple[int, int, int] = (127, 127, 127)
    """constant, and dataset_mean where the plan has fixed it: red, green, blue, 0 to 255."""
    blur_sigma: float = 10.0
    """blur: standard deviation in view pixels."""


BASELINES: "Registry[Entry[Callable[[BaselineOptions], Baseline]]]" = Registry(
    "baseline",
    {
        "segment_mean": Entry(
            lazy("ilime_core.perturbation.segment_mean:make_segment_mean"),
            "each segment in its mean colour",
            "https://doi.org/10.1145/2939672.2939778",
            title="mean colour of the segment",
        ),
        "blur": Entry(
            lazy("ilime_core.perturbation.blur:make_blur"),
            "the view blurred",
            "https://doi.org/10.1109/ICCV.2017.371",
            title="blur",
            settings=("blur_sigma",),
        ),
        "constant": Entry(
            lazy("ilime_core.perturbation.constant:make_constant"),
            "one colour",
            "ilime",
            title="one colour",
            settings=("baseline_colour",),
        ),
        "noise": Entry(
            lazy("ilime_core.perturbation.noise:make_noise"),
            "uniform noise, one draw per item",
            "ilime",
            title="noise",
        ),
        "dataset_mean": Entry(
            lazy("ilime_core.perturbation.constant:make_constant"),
            "the mean colour of the dataset",
            "ilime",
            title="mean colour of the dataset",
        ),
    },
)
