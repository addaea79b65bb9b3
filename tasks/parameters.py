"""Base class of the sections of a spec, and types of their fields that name a file or folder."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "MOST_MASKS",
    "InputPlace",
    "ModelPlace",
    "OutputPlace",
    "Parameters",
    "Share",
    "SpecPlace",
    "WeightsPlace",
]

MOST_MASKS = 2**20
"""Of one item: as many as the coalitions of 20 segments, the largest item that can be enumerated."""

Share = Annotated[float, Field(ge=0, le=1)]


class Parameters(BaseModel, frozen=True):
    """Base: immutable, and an unknown key is an error."""

    # Each class says frozen itself: type checkers take it, and with it the hash, from there alone.
    # No field of a spec has a use for infinity or NaN, which compare as being within no bound and every one.
    model_config = ConfigDict(extra="forbid", strict=False, allow_inf_nan=False)


@dataclass(frozen=True, slots=True)
class SpecPlace:
    """A path or URL; a relative path starts from the folder of the spec.

    Attributes
    ----------
    kind
        ``input`` has to be there when a run is planned, ``output`` need not; ``weights`` have to be there
        where the model is; ``model`` may also be a name.
    """

    kind: Literal["input", "output", "weights", "model"]


InputPlace = Annotated[str, SpecPlace("input")]
OutputPlace = Annotated[str, SpecPlace("output")]
WeightsPlace = Annotated[str, SpecPlace("weights")]
ModelPlace = Annotated[str, SpecPlace("model")]
