"""Largest part of a run's time, and the settings that halve it, counted again with them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from pydantic import ValidationError

from ilime_core.errors import InputError
from tasks.forecast.run_work import later_work
from tasks.planning.draft import Draft
from tasks.spec import ExplainParameters

__all__ = ["Saving", "halved"]

_SETTINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "images": (
            "perturbation.max_image_masks",
            "perturbation.shapley_image_masks",
            "perturbation.held_out.image",
        ),
        "texts": (
            "perturbation.max_text_masks",
            "perturbation.shapley_text_masks",
            "perturbation.held_out.text",
        ),
        "measure": ("faithfulness.sample",),
        "select": ("selection.sample",),
    }
)
"""Numbers that a part's encodes grow with, the one that costs least precision for its encodes last."""

_HALF = 0.55
"""Share of the encodes that counts as half of them: whole items and empty ones stay."""


@dataclass(frozen=True, slots=True)
class Saving:
    """Settings that save encodes.

    Attributes
    ----------
    settings
        ``a.b=c`` changes of the spec.
    share
        Share of the part's encodes that is left.
    """

    settings: tuple[str, ...]
    share: float


def halved(draft: Draft, part: str) -> Saving | None:
    """Halve the settings of a part one after the other, until half of its encodes is left.

    Parameters
    ----------
    draft
        The run, in which the sample of measured pairs is already a number.
    part
        Part of `tasks.forecast.run_seconds.run_seconds`.

    Returns
    -------
    Saving or None
        None where no setting spares at least a tenth.
    """
    before, settings, share, changed = _encodes(draft, part), list[str](), 1.0, draft
    for name in _SETTINGS.get(part, ()):
        if share <= _HALF:
            break
        tried = _with_half(changed, name)
        if tried is None:
            continue
        left = _encodes(tried[0], part) / max(before, 1.0)
        if left < share:
            changed, share = tried[0], left
            settings.append(f"{name}={tried[1]}")
    return Saving(tuple(settings), share) if share < 0.9 else None


def _encodes(draft: Draft, part: str) -> float:
    work = later_work(draft)
    return work["score"][part] if part in work["score"] else sum(work.get(part, {}).values())


def _with_half(draft: Draft, name: str) -> tuple[Draft, int] | None:
    """The draft with half of a setting; None where that would be no run."""
    *sections, last = name.split(".")
    dumped = draft.parameters.model_dump()
    section = dumped
    for one in sections:
        section = section[one]
    half = (section[last] or 0) // 2
    if half < _least(draft, name):
        return None
    section[last] = half
    try:
        changed = replace(draft, parameters=ExplainParameters.model_validate(dumped))
        later_work(changed)
    except (ValidationError, InputError):
        return None
    return changed, half


def _least(draft: Draft, name: str) -> int:
    """Fewest masks that the effects of all regions can be regressed on, with as many to spare."""
    segments = draft.parameters.segmentation.image.n_segments
    return 2 * segments if name == "perturbation.max_image_masks" else 1
