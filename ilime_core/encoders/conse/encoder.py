"""A dual encoder from packaged weights that needs no download. It is not CLIP: it knows ImageNet's nouns.

A picture is placed where its ImageNet classes lie in the space of a sentence encoder: the
probability-weighted mean of the embeddings of the class names. All 1,000 classes count, not the best few, so
that the embedding is smooth.

References
----------
.. [1] Norouzi et al.: Zero-Shot Learning by Convex Combination of Semantic Embeddings, ICLR 2014,
   arXiv 1312.5650.
"""

from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from runpy import run_path

import torch
from jaxtyping import Float
from PIL import Image
from torch import Tensor

from ilime_core.encoders.conse import efficientnet_lite, minilm
from ilime_core.encoders.conse.maps import map_last_layer, map_parts
from ilime_core.encoders.differentiation import differentiable, differentiable_layer
from ilime_core.encoders.fingerprint import model_fingerprint
from ilime_core.encoders.precision import arithmetic, unit_norm
from ilime_core.encoders.preprocessing import channel_scale, cut_view, normalise
from ilime_core.encoders.spec import EncoderSpec
from ilime_core.errors import InputError
from ilime_core.records import ImageView
from ilime_core.white_box_records import LastLayer, LocalParts

__all__ = ["ConseEncoder", "ConseImageEncoder", "build_conse", "class_captions", "conse_fingerprint"]

_TEMPLATE = "a photo of a {}."
_BATCH = 125


def class_captions() -> list[str]:
    """One caption for each ImageNet class, in the classifier's order.

    Raises
    ------
    InputError
        If open_clip, whose list of names it is, cannot be found.
    """
    package = find_spec("open_clip")
    if package is None or package.origin is None:
        raise InputError("model conse needs open_clip, which is not installed: pip install open_clip_torch")
    # Only the file with the names is run: the package takes seconds to import, and planning needs no more.
    listing = run_path(str(Path(package.origin).with_name("zero_shot_metadata.py")))
    return [_TEMPLATE.format(name) for name in listing["IMAGENET_CLASSNAMES"]]


def conse_fingerprint() -> str:
    """Digest the packaged model without building it."""
    folder = minilm.model_folder()
    return model_fingerprint(
        [efficientnet_lite.weights_path(), folder / "model.safetensors"],
        architecture={"read_out": "softmax-weighted mean of class captions", "captions": class_captions()},
        tokenizer=minilm.tokenizer_identity(folder),
        preprocessing=efficientnet_lite.PREPROCESSING,
    )


class ConseImageEncoder:
    """Image tower: class probabilities times the embeddings of the class captions, unit norm."""

    patch_size: int | None = None

    def __init__(self, text: minilm.MiniLmEncoder, device: str, precision: str) -> None:
        network = efficientnet_lite.fuse_classifier(efficientnet_lite.build_classifier())
        network = network.to(device=device).to(memory_format=torch.channels_last)
        self._network = network.requires_grad_(requires_grad=False)
        self._text = text
        self._device = device
        self._precision = precision
        self._mean = channel_scale(efficientnet_lite.PREPROCESSING.mean, device)
        self._std = channel_scale(efficientnet_lite.PREPROCESSING.std, device)
        self.dim = text.dim

    @cached_property
    def class_embeddings(self) -> Float[Tensor, "classes dim"]:
        """Embeddings of the class captions; computed when the first picture is encoded (seconds on a CPU)."""
        rows = self._text.tokenise(class_captions())
        width = max(len(row) for row in rows)
        parts = [self._text.encode(rows[at : at + _BATCH], width) for at in range(0, len(rows), _BATCH)]
        return torch.cat(parts)

    def view(self, image: Image.Image) -> ImageView:
        """The classifier's own crop of an upright RGB picture."""
        return cut_view(image, efficientnet_lite.PREPROCESSING)

    def probabilities(self, pixels: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch classes"]:
        """Class probabilities of views with values in [0, 1]."""
        with arithmetic(self._device, self._precision):
            return efficientnet_lite.class_probabilities(
                self._network, normalise(pixels, self._mean, self._std)
            )

    def encode(self, pixels: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch dim"]:
        """Embed views with values in [0, 1]; float32 unit-norm rows."""
        return unit_norm(self.probabilities(pixels) @ self.class_embeddings)

    def encode_gated(self, pixels: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch dim"]:
        """As ``encode``, in float32, and derivatives of ``pixels`` flow."""
        captions = self.class_embeddings
        with differentiable(self._device):
            given = normalise(pixels, self._mean, self._std)
            return unit_norm(efficientnet_lite.class_probabilities(self._network, given) @ captions)

    def local_parts(self, pixels: Float[Tensor, "1 3 height width"]) -> LocalParts:
        """Contribution of each cell to the embedding; see :mod:`ilime_core.encoders.conse.maps`."""
        captions = self.class_embeddings
        with differentiable(self._device):
            return map_parts(self._network, normalise(pixels, self._mean, self._std), captions)

    def last_layer(self, pixels: Float[Tensor, "1 3 height width"]) -> LastLayer:
        """Cut the tower in two before the classifier averages its map."""
        captions = self.class_embeddings
        with differentiable(self._device):
            layer = map_last_layer(self._network, normalise(pixels, self._mean, self._std), captions)
        return differentiable_layer(layer, self._device)


class ConseEncoder:
    """EfficientNet-Lite0 and MiniLM as one dual encoder."""

    def __init__(self, device: str, precision: str) -> None:
        self.device = device
        self.text = minilm.MiniLmEncoder(minilm.model_folder(), device, precision)
        self.image = ConseImageEncoder(self.text, device, precision)
        self._fingerprint = conse_fingerprint()

    def fingerprint(self) -> str:
        """Hex sha256 of weights, tokenizer and preprocessing."""
        return self._fingerprint


def build_conse(spec: EncoderSpec, device: str, precision: str) -> ConseEncoder:
    """Load the packaged weights.

    Parameters
    ----------
    spec
        Not read: there is one such model.
    device
        ``cpu``, ``cuda:N`` or ``mps``.
    precision
        ``float32`` or ``bfloat16``.

    Returns
    -------
    ConseEncoder
        The loaded model.
    """
    del spec  # it has no setting
    return ConseEncoder(device, precision)
