"""Which rows of a table are read."""

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["among"]


def among(column: str, names: Iterable[str]) -> pc.Expression:
    """Rows whose column of text holds one of the names; no names fit no row."""
    return pc.field(column).isin(pa.array(sorted(set(names)), pa.string()))
