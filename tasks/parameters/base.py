"""What all sections of a spec share."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["Parameters", "Share"]

Share = Annotated[float, Field(ge=0, le=1)]


class Parameters(BaseModel, frozen=True):
    """Base: immutable, and an unknown key is an error."""

    # Each class says frozen itself: type checkers take it, and with it the hash, from there alone.
    model_config = ConfigDict(extra="forbid", strict=False)
