"""What stands in for removed segments, by the names in the spec."""

from collections.abc import Callable

from ilime_core.perturbation.blur import make_blur
from ilime_core.perturbation.constant import make_constant
from ilime_core.perturbation.dataset_mean import make_dataset_mean
from ilime_core.perturbation.noise import make_noise
from ilime_core.perturbation.segment_mean import make_segment_mean
from ilime_core.protocols import Baseline
from ilime_core.registry import Entry, Registry

__all__ = ["BASELINES", "build_baseline"]

BASELINES: Registry[Callable[..., Baseline]] = Registry(
    "baseline",
    {
        "segment_mean": Entry(
            make_segment_mean, "each segment in its mean colour", "https://doi.org/10.1145/2939672.2939778"
        ),
        "blur": Entry(make_blur, "the view blurred", "https://doi.org/10.1109/ICCV.2017.371"),
        "constant": Entry(make_constant, "one colour", "ilime"),
        "noise": Entry(make_noise, "uniform noise, one draw per item", "ilime"),
        "dataset_mean": Entry(make_dataset_mean, "the mean colour of the dataset", "ilime"),
    },
)


def build_baseline(name: str, *, colour: tuple[int, int, int], blur_sigma: float) -> Baseline:
    """Make the baseline that a spec names; ``colour`` is for constant and dataset_mean."""
    make = BASELINES[name].make
    if name == "blur":
        return make(blur_sigma)
    if name in {"constant", "dataset_mean"}:
        return make(colour)
    return make()
