"""What all sections of a spec share."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["MOST_MASKS", "Parameters", "Share"]

MOST_MASKS = 2**20
"""Of one item: as many as the coalitions of 20 segments, the largest item that can be enumerated."""

Share = Annotated[float, Field(ge=0, le=1)]


class Parameters(BaseModel, frozen=True):
    """Base: immutable, and an unknown key is an error."""

    # Each class says frozen itself: type checkers take it, and with it the hash, from there alone.
    # No field of a spec has a use for infinity or NaN, which compare as being within no bound and every one.
    model_config = ConfigDict(extra="forbid", strict=False, allow_inf_nan=False)
