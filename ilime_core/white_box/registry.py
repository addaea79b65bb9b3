"""The white-box estimators, by their names in the spec."""

from collections.abc import Callable, Mapping

from ilime_core.errors import InputError
from ilime_core.protocols import (
    DualEncoder,
    GatedImages,
    GatedTexts,
    LocalImages,
    LocalTexts,
    WhiteBoxEstimator,
)
from ilime_core.registry import EstimatorEntry, Registry
from ilime_core.white_box.activation_map import activation_map
from ilime_core.white_box.cross_gradient import cross_gradient
from ilime_core.white_box.grad_cam import grad_cam
from ilime_core.white_box.integrated_jacobian import integrated_jacobian

__all__ = ["WHITE_BOX", "WHITE_BOX_ENCODES", "check_white_box"]

WHITE_BOX: Registry[EstimatorEntry[WhiteBoxEstimator]] = Registry(
    "white-box estimator",
    {
        "cross_gradient": EstimatorEntry(
            cross_gradient,
            "Jacobian of the embedding in the gates of the whole item: mixed partial derivatives",
            "https://doi.org/10.1109/ICCV48922.2021.00126",
            draws=False,
        ),
        "integrated_jacobian": EstimatorEntry(
            integrated_jacobian,
            "the same averaged on the path from nothing to the item: sums to the mixed difference (exCLIP)",
            "https://arxiv.org/abs/2408.14153",
            draws=False,
        ),
        "activation_map": EstimatorEntry(
            activation_map,
            "pooled local features of each segment (search CAM)",
            "https://doi.org/10.1109/CVPR.2016.319",
            draws=False,
        ),
        "grad_cam": EstimatorEntry(
            grad_cam,
            "last feature map weighted by the mean gradient of the embedding (Grad-CAM for search)",
            "https://doi.org/10.1109/ICCV.2017.74",
            draws=False,
        ),
    },
)
"""Estimators that need gradients of the encoder, or its feature maps."""

WHITE_BOX_ENCODES: Mapping[str, Callable[[int, int], int]] = {
    "cross_gradient": lambda n_segments, _: 2 * n_segments,
    "integrated_jacobian": lambda n_segments, path_steps: 2 * n_segments * path_steps + 1,
    "activation_map": lambda _, __: 1,
    "grad_cam": lambda _, __: 1,
}
"""Encodes of an item of so many segments with so many points of the path.

A row of a forward pass counts one and a row with its derivative two; grad_cam's rows through the last layer
alone are not counted.
"""

_NEEDS: Mapping[str, tuple[type, type, str]] = {
    "cross_gradient": (GatedImages, GatedTexts, "encode_gated"),
    "integrated_jacobian": (GatedImages, GatedTexts, "encode_gated"),
    "activation_map": (LocalImages, LocalTexts, "local_parts and last_layer"),
    "grad_cam": (LocalImages, LocalTexts, "local_parts and last_layer"),
}


def check_white_box(encoder: DualEncoder, names: tuple[str, ...]) -> None:
    """Refuse estimators that the towers of a model cannot serve, before anything is encoded.

    Raises
    ------
    InputError
        If a tower lacks a method; the message names estimators and methods.
    """
    for name in names:
        if name not in _NEEDS:
            continue
        images, texts, methods = _NEEDS[name]
        for tower, kind in ((encoder.image, images), (encoder.text, texts)):
            if not isinstance(tower, kind):
                raise InputError(
                    f"estimator {name} needs towers with {methods}, which {type(tower).__name__} lacks: "
                    f"take it out of estimators ({', '.join(WHITE_BOX.names)} look into the model)"
                )
