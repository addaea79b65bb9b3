"""Fields that name a file or folder: marked by their type, so that every one of them is treated alike."""

from dataclasses import dataclass
from typing import Annotated, Literal

__all__ = ["InputPlace", "ModelPlace", "OutputPlace", "Place", "WeightsPlace"]


@dataclass(frozen=True, slots=True)
class Place:
    """A path or URL; a relative path starts from the folder of the spec.

    Attributes
    ----------
    kind
        ``input`` has to be there when a run is planned, ``output`` need not; ``weights`` have to be there
        where the model is; ``model`` may also be a name.
    """

    kind: Literal["input", "output", "weights", "model"]


InputPlace = Annotated[str, Place("input")]
OutputPlace = Annotated[str, Place("output")]
WeightsPlace = Annotated[str, Place("weights")]
ModelPlace = Annotated[str, Place("model")]
