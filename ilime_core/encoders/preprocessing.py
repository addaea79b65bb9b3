"""From an upright picture to the model's view, and from a view to the model's input."""

from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
import torch
from jaxtyping import Float
from PIL import Image
from torch import Tensor

from ilime_core.errors import InputError
from ilime_core.records import ImageView, ViewGeometry

__all__ = ["Preprocessing", "channel_scale", "cut_view", "normalise", "three_channels"]

# A strip of a few pixels' height would be resized to gigabytes before it is cropped; beyond this many pixels
# the visible part alone is resized, which differs from the whole by rounding only.
_LARGEST_RESIZED = 2**26


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """Resize, crop and scaling that a model was trained with.

    Attributes
    ----------
    resize
        ``shortest``: the shorter side fills the view, the rest is cropped; ``longest``: the longer side fits,
        the rest is padded with ``fill``; ``squash``: both sides fit, the ratio is lost; ``central``: the
        central square of ``central_share`` of the shorter side fills the view.
    mean, std
        Per channel, of values in [0, 1].
    shorter_side
        ``shortest``: what the shorter side is resized to before the crop; 0 is the view's own side.
    crop
        Where a crop that cannot be in the middle starts: ``rounded`` as torchvision does, or ``floor``.
    """

    height: int
    width: int
    resize: Literal["shortest", "longest", "squash", "central"]
    interpolation: Literal["bicubic", "bilinear"]
    fill: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    central_share: float = 1.0
    shorter_side: int = 0
    crop: Literal["rounded", "floor"] = "rounded"

    def __post_init__(self) -> None:
        """Refuse sizes and scales that cannot be.

        Raises
        ------
        InputError
            If a side or a standard deviation is not positive, the central share is not in (0, 1], or the
            shorter side is resized to less than the view needs.
        """
        if min(self.height, self.width) < 1 or min(self.std) <= 0 or not 0 < self.central_share <= 1:
            raise InputError(
                f"preprocessing needs positive sides and scales and a share in (0, 1], got {self}"
            )
        if self.shorter_side and (
            self.resize != "shortest" or self.shorter_side < max(self.height, self.width)
        ):
            raise InputError(
                f"shorter_side goes with resize 'shortest' and must not be below the view's sides, got {self}"
            )


@dataclass(frozen=True, slots=True)
class _Placement:
    """The original cut to ``box``, resized to ``size``, of which the view starts at (left, top)."""

    box: tuple[int, int, int, int]
    size: tuple[int, int]
    left: int
    top: int


def cut_view(image: Image.Image, preprocessing: Preprocessing) -> ImageView:
    """Cut the model's view out of a picture.

    Parameters
    ----------
    image
        Upright RGB picture.
    preprocessing
        Resize and crop of the model.

    Returns
    -------
    ImageView
        Pixels of the view, and its place in the picture; ``left`` and ``top`` in pixels of the picture.

    Raises
    ------
    InputError
        If the picture is not RGB.
    """
    if image.mode != "RGB":
        raise InputError(f"a view is cut from an RGB picture, got mode {image.mode!r}")
    placement = _placement(image.width, image.height, preprocessing)
    view = (preprocessing.width, preprocessing.height)
    scale_x = placement.size[0] / (placement.box[2] - placement.box[0])
    scale_y = placement.size[1] / (placement.box[3] - placement.box[1])
    geometry = ViewGeometry(
        original_width=image.width,
        original_height=image.height,
        view_width=view[0],
        view_height=view[1],
        left=placement.box[0] + placement.left / scale_x,
        top=placement.box[1] + placement.top / scale_y,
        scale_x=scale_x,
        scale_y=scale_y,
    )
    return ImageView(np.array(_render(image, placement, preprocessing)), geometry)


def normalise(
    pixels: Float[Tensor, "batch 3 height width"],
    mean: Float[Tensor, "3 1 1"],
    std: Float[Tensor, "3 1 1"],
) -> Float[Tensor, "batch 3 height width"]:
    """Shift and scale the values of views as the model was trained with.

    Parameters
    ----------
    pixels
        Values in [0, 1].
    mean, std
        Per channel, of :func:`channel_scale`.

    Returns
    -------
    Tensor, batch x 3 x height x width
        ``(pixels - mean) / std``; derivatives of ``pixels`` flow.
    """
    return (pixels - mean) / std


def channel_scale(values: tuple[float, float, float], device: str) -> Float[Tensor, "3 1 1"]:
    """Three channel values in the shape that :func:`normalise` takes.

    Parameters
    ----------
    values
        Red, green, blue.
    device
        Device of the views.

    Returns
    -------
    Tensor, 3 x 1 x 1
        Values in float32.
    """
    return torch.tensor(values, dtype=torch.float32, device=device).view(3, 1, 1)


def three_channels(value: object) -> tuple[float, float, float]:
    """Red, green and blue of a setting that is a list of three numbers, or one number for all channels."""
    red, green, blue = cast("list[float]", value) if isinstance(value, list | tuple) else (value,) * 3
    return float(cast("float", red)), float(cast("float", green)), float(cast("float", blue))


def _placement(width: int, height: int, to: Preprocessing) -> _Placement:
    whole = (0, 0, width, height)
    if to.resize == "squash":
        return _Placement(whole, (to.width, to.height), 0, 0)
    if to.resize == "central":
        side = max(1, int(to.central_share * min(width, height)))
        left, top = (width - side + 1) // 2, (height - side + 1) // 2
        return _Placement((left, top, left + side, top + side), (to.width, to.height), 0, 0)
    size = _kept_ratio(width, height, to)
    left, top = (_offset(*sides, to.crop) for sides in zip(size, (to.width, to.height), strict=True))
    return _Placement(whole, size, left, top)


def _kept_ratio(width: int, height: int, to: Preprocessing) -> tuple[int, int]:
    if to.resize == "shortest" and (to.shorter_side or to.width == to.height):
        # torchvision's Resize cuts the longer side's fraction off; ratios for other views are rounded.
        shorter = to.shorter_side or to.width
        longer = int(shorter * max(width, height) / min(width, height))
        return (shorter, longer) if width <= height else (longer, shorter)
    ratios = (width / to.width, height / to.height)
    ratio = max(ratios) if to.resize == "longest" else min(ratios)
    return max(1, round(width / ratio)), max(1, round(height / ratio))


def _offset(resized: int, view: int, crop: str) -> int:
    """Where the view starts in the resized picture; negative where it is padded."""
    if resized < view:
        return -((view - resized) // 2)
    return (resized - view) // 2 if crop == "floor" else round((resized - view) / 2)


def _render(image: Image.Image, placement: _Placement, to: Preprocessing) -> Image.Image:
    filters = {"bicubic": Image.Resampling.BICUBIC, "bilinear": Image.Resampling.BILINEAR}
    resample = filters[to.interpolation]
    view = (to.width, to.height)
    if placement.size[0] * placement.size[1] > _LARGEST_RESIZED:
        return _render_part(image, placement, to, resample)
    if placement.box != (0, 0, image.width, image.height):
        image = image.crop(placement.box)
    if image.size != placement.size:
        image = image.resize(placement.size, resample)
    left, top = placement.left, placement.top
    if left >= 0 and top >= 0 and left + view[0] <= image.width and top + view[1] <= image.height:
        return image.crop((left, top, left + view[0], top + view[1]))
    canvas = Image.new("RGB", view, (to.fill,) * 3)
    canvas.paste(image, (-left, -top))
    return canvas


def _render_part(
    image: Image.Image, placement: _Placement, to: Preprocessing, resample: Image.Resampling
) -> Image.Image:
    scale_x, scale_y = placement.size[0] / image.width, placement.size[1] / image.height
    left, top = placement.left / scale_x, placement.top / scale_y
    right = min(image.width, left + to.width / scale_x)
    bottom = min(image.height, top + to.height / scale_y)
    return image.resize((to.width, to.height), resample, box=(left, top, right, bottom))
