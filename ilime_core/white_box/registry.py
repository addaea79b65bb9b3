"""Registry of the white-box estimators, by their names in the spec."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from ilime_core.registry import EstimatorEntry, Registry, lazy

if TYPE_CHECKING:
    from ilime_core.protocols.white_box import WhiteBoxEstimator

__all__ = ["WHITE_BOX", "WhiteBoxEntry"]

T = TypeVar("T", bound=Callable[..., object])


@dataclass(frozen=True, slots=True, kw_only=True)
class WhiteBoxEntry(EstimatorEntry[T]):
    """An estimator that needs gradients of the encoder, or its feature maps."""

    encodes: Callable[[int, int], int]
    """Encodes of an item, from its number of segments and the points of the path.

    A row of a forward pass counts one and a row with its derivative two; grad_cam's rows through the last
    layer alone are not counted.
    """
    needs: tuple[str, ...]
    """Methods that both towers must have."""


WHITE_BOX: "Registry[WhiteBoxEntry[WhiteBoxEstimator]]" = Registry(
    "white-box estimator",
    {
        "cross_gradient": WhiteBoxEntry(
            lazy("ilime_core.white_box.cross_gradient:cross_gradient"),
            "Jacobian of the embedding in the gates of the whole item: mixed partial derivatives",
            "https://doi.org/10.1109/ICCV48922.2021.00126",
            title="cross gradient",
            encodes=lambda n_segments, _: 2 * n_segments,
            needs=("encode_gated",),
            draws=False,
        ),
        "integrated_jacobian": WhiteBoxEntry(
            lazy("ilime_core.white_box.integrated_jacobian:integrated_jacobian"),
            "the same averaged on the path from nothing to the item: sums to the mixed difference (exCLIP)",
            "https://arxiv.org/abs/2408.14153",
            title="integrated Jacobian (exCLIP)",
            settings=("path_steps",),
            encodes=lambda n_segments, path_steps: 2 * n_segments * path_steps + 1,
            needs=("encode_gated",),
            draws=False,
        ),
        "activation_map": WhiteBoxEntry(
            lazy("ilime_core.white_box.activation_map:activation_map"),
            "pooled local features of each segment (search CAM)",
            "https://doi.org/10.1109/CVPR.2016.319",
            title="search CAM",
            encodes=lambda _, __: 1,
            needs=("local_parts", "last_layer"),
            draws=False,
        ),
        "grad_cam": WhiteBoxEntry(
            lazy("ilime_core.white_box.grad_cam:grad_cam"),
            "last feature map weighted by the mean gradient of the embedding (Grad-CAM for search)",
            "https://doi.org/10.1109/ICCV.2017.74",
            title="Grad-CAM for search",
            encodes=lambda _, __: 1,
            needs=("local_parts", "last_layer"),
            draws=False,
        ),
    },
)
