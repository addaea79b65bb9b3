"""Names of a spec that a registry has to know."""

from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from ilime_core.near_names import did_you_mean
from ilime_core.registry import Registry

__all__ = ["Known", "known"]


@dataclass(frozen=True, slots=True)
class Known:
    """Annotation of a text that has to be one of several names; a wrong one is told the nearest."""

    kind: str
    names: tuple[str, ...]

    def check(self, name: str) -> str:
        """Return a known name.

        Raises
        ------
        ValueError
            If it is none; the message names the nearest and all known ones.
        """
        if name not in self.names:
            hint = did_you_mean(name, self.names) or "."
            raise ValueError(f"no {self.kind} is called {name!r}{hint} Known: {', '.join(self.names)}.")
        return name

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check after the text itself is checked."""
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Return the schema of a text with the names as its choices."""
        return {**handler(schema), "enum": list(self.names)}


def known(registry: Registry[Any]) -> Known:
    """Annotation of the names of a registry."""
    return Known(registry.seam, registry.names)
