"""The preprocessing of a transformers image processor, in words of our own."""

from collections.abc import Mapping
from typing import Literal, cast

from ilime_core.encoders.preprocessing import Preprocessing, three_channels
from ilime_core.encoders.transformers.files import TransformersSource, quiet_transformers
from ilime_core.errors import InputError

__all__ = ["preprocessing_of", "read_preprocessing"]

Json = Mapping[str, object]

_FILTERS: dict[object, Literal["bicubic", "bilinear"]] = {3: "bicubic", 2: "bilinear"}


def read_preprocessing(source: TransformersSource) -> Preprocessing:
    """Read the image processor of a model's folder, with its class's defaults filled in.

    Raises
    ------
    InputError
        If there is none or it does something that is not known here.
    """
    from transformers import AutoImageProcessor  # noqa: PLC0415 - seconds to import: only for who uses it

    try:
        with quiet_transformers():
            processor = AutoImageProcessor.from_pretrained(
                str(source.folder), local_files_only=True, trust_remote_code=False
            )
    except (OSError, ValueError, ImportError, KeyError, TypeError) as error:
        why = " ".join(str(error).split())[:200]
        raise InputError(f"the image processor of {source.label} cannot be loaded: {why}") from error
    return preprocessing_of(cast("Json", processor.to_dict()), source.label)


def preprocessing_of(settings: Json, label: str) -> Preprocessing:
    """Translate an image processor's settings.

    Parameters
    ----------
    settings
        As its ``to_dict()`` gives them.
    label
        Name of the model, for messages.

    Returns
    -------
    Preprocessing
        Resize, crop and scaling that give the same views.

    Raises
    ------
    InputError
        If views are not of one size, values do not lie in [0, 1] before they are normalised, or the filter is
        neither bicubic nor bilinear.
    """
    size = cast("Json", settings.get("size") or {})
    crop = cast("Json", settings.get("crop_size") or {}) if settings.get("do_center_crop") else {}
    shorter = size.get("shortest_edge")
    view = crop or size
    if not settings.get("do_resize") or not {"height", "width"} <= view.keys():
        raise _unknown(label, f"do_resize {settings.get('do_resize')}, size {size}, crop_size {crop}")
    if shorter is None and crop and any(crop[side] != size.get(side) for side in ("height", "width")):
        raise _unknown(label, f"size {size} and then a crop to {crop}")
    if not settings.get("do_rescale") or round(1 / cast("float", settings.get("rescale_factor"))) != 255:
        raise _unknown(label, f"rescale_factor {settings.get('rescale_factor')}, not 1/255")
    if settings.get("resample") not in _FILTERS:
        raise _unknown(label, f"resample {settings.get('resample')}, neither 2 (bilinear) nor 3 (bicubic)")
    scales = bool(settings.get("do_normalize"))
    height, width = (cast("int", view[side]) for side in ("height", "width"))
    return Preprocessing(
        height=height,
        width=width,
        resize="squash" if shorter is None else "shortest",
        interpolation=_FILTERS[settings["resample"]],
        fill=0,
        mean=three_channels(settings["image_mean"] if scales else 0.0),
        std=three_channels(settings["image_std"] if scales else 1.0),
        shorter_side=cast("int", shorter or 0),
        crop="floor",
    )


def _unknown(label: str, what: str) -> InputError:
    return InputError(
        f"the image processor of {label} works in a way that is not known here ({what}); "
        "use model.name plugin for this model"
    )
