"""A dual encoder from somebody else's package.

The contract: ``factory(device, precision)`` returns a :class:`ilime_core.protocols.DualEncoder`
on that device (``cpu``, ``cuda:N``), computing in ``float32`` or ``bfloat16``. Its embeddings are float32
rows of unit norm, and its ``fingerprint()`` is a hex sha256 of everything that decides them. The factory may
carry a function ``factory.fingerprint()`` that gives the same digest without building the model; planning
then loads no weights. Torch modules that are the encoder, one of its towers or an attribute of either get
their weights moved to memory of torch's own where a loader has mapped them from a file; see
:mod:`.weight_memory`.
"""

from collections.abc import Iterator

import numpy as np
import torch
from jaxtyping import Float
from PIL import Image
from torch import Tensor, nn

from ilime_core.encoders.plugin_factory import PluginLoader, checked_fingerprint
from ilime_core.encoders.weight_memory import align_weights
from ilime_core.errors import InputError
from ilime_core.protocols.encoders import DualEncoder

__all__ = ["ENCODER_PLUGINS", "check_dual_encoder"]

_TEXTS = ("", "a cat", "a man rides a red bicycle past a white house")


def check_dual_encoder(encoder: object, name: str) -> DualEncoder:
    """Encode a picture and three texts and hold the results against the contract.

    Parameters
    ----------
    encoder
        Object that a factory returned.
    name
        Name of the factory, for messages.

    Returns
    -------
    DualEncoder
        ``encoder`` itself.

    Raises
    ------
    InputError
        If a member is missing, widths differ, or embeddings are not finite float32 rows of unit norm.
    """
    if not isinstance(encoder, DualEncoder):
        raise InputError(
            f"plugin {name} must return a dual encoder with image, text, device and fingerprint()"
        )
    checked_fingerprint(encoder.fingerprint(), name)
    if encoder.image.dim != encoder.text.dim:
        raise InputError(
            f"plugin {name}: towers have widths {encoder.image.dim} and {encoder.text.dim}, not one"
        )
    ramp = np.broadcast_to(np.arange(64, dtype=np.uint8)[:, None, None] * 4, (64, 80, 3))
    view = encoder.image.view(Image.fromarray(np.ascontiguousarray(ramp)))
    pixels = torch.tensor(view.pixels).permute(2, 0, 1)[None].to(encoder.device, torch.float32) / 255
    _check_rows(encoder.image.encode(pixels), 1, encoder.image.dim, f"{name}: image tower")
    rows = encoder.text.tokenise(_TEXTS)
    if not all(rows):
        raise InputError(f"plugin {name}: token rows must not be empty, not even that of an empty text")
    _check_rows(encoder.text.encode(rows), len(_TEXTS), encoder.text.dim, f"{name}: text tower")
    return encoder


def _networks(encoder: object) -> Iterator[nn.Module]:
    """Torch's modules among an encoder, its towers and their attributes."""
    for part in (encoder, getattr(encoder, "image", None), getattr(encoder, "text", None)):
        for value in (part, *getattr(part, "__dict__", {}).values()):
            if isinstance(value, nn.Module):
                yield value


def _check_rows(rows: Float[Tensor, "batch dim"], n_rows: int, dim: int, where: str) -> None:
    if rows.dtype != torch.float32 or rows.shape != (n_rows, dim):
        got = f"{tuple(rows.shape)} {rows.dtype}"
        raise InputError(f"plugin {where} must give float32 rows of shape {(n_rows, dim)}, got {got}")
    norms = torch.sqrt((rows * rows).sum(dim=1))
    worst = float((norms - 1).abs().max())
    # A NaN compares as False, so this one line refuses it too.
    if not worst < 1e-3:
        raise InputError(
            f"plugin {where} must give finite rows of unit norm; the worst is off by {worst:.3g}"
        )


def _aligned(made: object, name: str) -> DualEncoder:
    for network in _networks(made):
        align_weights(network)
    return check_dual_encoder(made, name)


ENCODER_PLUGINS = PluginLoader("encoder", _aligned)
"""Loader of dual encoders from other packages."""
