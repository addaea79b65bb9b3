"""Base class of the sections of a spec, and types of their fields: a name, a file or a folder."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from ilime_core.registry import Registry

__all__ = [
    "MOST_MASKS",
    "InputPlace",
    "Known",
    "ModelPlace",
    "OutputPlace",
    "Parameters",
    "Share",
    "SpecPlace",
    "WeightsPlace",
    "check_once",
]

MOST_MASKS = 2**20
"""Of one item: as many as the coalitions of 20 segments, the largest item that can be enumerated."""

Share = Annotated[float, Field(ge=0, le=1)]


class Parameters(BaseModel, frozen=True):
    """Base: immutable, and an unknown key is an error."""

    # Each class says frozen itself: type checkers take it, and with it the hash, from there alone.
    # No field of a spec has a use for infinity or NaN, which compare as being within no bound and every one.
    model_config = ConfigDict(extra="forbid", strict=False, allow_inf_nan=False)


def check_once(section: Parameters, *names: str) -> None:
    """Refuse lists of a section that hold an entry twice.

    Parameters
    ----------
    section
        Section of a spec.
    names
        Its fields with lists.

    Raises
    ------
    ValueError
        If one of the lists repeats an entry.
    """
    for name in names:
        values: tuple[object, ...] = getattr(section, name)
        if len(set(values)) != len(values):
            raise ValueError(f"{name} are named twice: {', '.join(map(str, values))}")


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """Annotation of a text that has to be a name of a registry: checked and documented as a Literal is."""

    registry: Registry[Any]

    @property
    def names(self) -> tuple[str, ...]:
        """Accepted texts."""
        return self.registry.names

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Accept these names alone; they are the choices of the JSON schema, too."""
        return core_schema.literal_schema(list(self.names))


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
