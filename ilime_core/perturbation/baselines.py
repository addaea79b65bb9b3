"""Registry of the baselines of images, by their names in the spec."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from ilime_core.registry import Entry, Registry, lazy

if TYPE_CHECKING:
    from ilime_core.protocols.perturbation import Baseline

__all__ = ["BASELINES", "BaselineEntry", "BaselineOptions"]

T = TypeVar("T", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class BaselineOptions:
    """Settings of all baselines; each reads its own."""

    baseline_colour: tuple[int, int, int] = (127, 127, 127)
    """constant, and dataset_mean where the plan has fixed it: red, green, blue, 0 to 255."""
    blur_sigma: float = 10.0
    """blur: standard deviation in view pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineEntry(Entry[T]):
    """What stands in for removed segments of an image."""

    paints: bool = True
    """False where no picture is made, and the tower is shown less instead."""


BASELINES: "Registry[BaselineEntry[Callable[[BaselineOptions], Baseline]]]" = Registry(
    "baseline",
    {
        "segment_mean": BaselineEntry(
            lazy("ilime_core.perturbation.segment_mean:make_segment_mean"),
            "each segment in its mean colour",
            "https://doi.org/10.1145/2939672.2939778",
            title="mean colour of the segment",
        ),
        "blur": BaselineEntry(
            lazy("ilime_core.perturbation.blur:make_blur"),
            "the view blurred",
            "https://doi.org/10.1109/ICCV.2017.371",
            title="blur",
            settings=("blur_sigma",),
        ),
        "constant": BaselineEntry(
            lazy("ilime_core.perturbation.constant:make_constant"),
            "one colour",
            "ilime",
            title="one colour",
            settings=("baseline_colour",),
        ),
        "noise": BaselineEntry(
            lazy("ilime_core.perturbation.noise:make_noise"),
            "uniform noise, one draw per item",
            "ilime",
            title="noise",
        ),
        "dataset_mean": BaselineEntry(
            lazy("ilime_core.perturbation.constant:make_constant"),
            "the mean colour of the dataset",
            "ilime",
            title="mean colour of the dataset",
        ),
        "drop_tokens": BaselineEntry(
            lazy("ilime_core.perturbation.drop_tokens:make_drop_tokens"),
            "nothing: a vision transformer is not shown the patches of which a removed segment covers most",
            "https://arxiv.org/abs/2204.08945",
            title="patches left out",
            paints=False,
        ),
    },
)
