"""Names of a spec that a registry has to know."""

from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from ilime_core.registry import Registry

__all__ = ["Known", "known"]


@dataclass(frozen=True, slots=True)
class Known:
    """Annotation of a text that has to be one of several names: checked and documented as a Literal is."""

    names: tuple[str, ...]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Accept these names alone; they are the choices of the JSON schema, too."""
        return core_schema.literal_schema(list(self.names))


def known(registry: Registry[Any]) -> Known:
    """Annotation of the names of a registry."""
    return Known(registry.names)
