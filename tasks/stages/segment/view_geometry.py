"""Columns of the table ``views`` that hold where a view was cut out of its image."""

from collections.abc import Mapping
from typing import Any

from ilime_core.view_records import ViewGeometry

__all__ = ["GEOMETRY", "geometry_columns", "view_geometry"]

GEOMETRY = {
    "original_width": "original_width",
    "original_height": "original_height",
    "view_width": "view_width",
    "view_height": "view_height",
    "left": "view_left",
    "top": "view_top",
    "scale_x": "scale_x",
    "scale_y": "scale_y",
}
"""Columns by the field of ViewGeometry."""


def view_geometry(row: Mapping[str, Any]) -> ViewGeometry:
    """Read a row that has these columns."""
    return ViewGeometry(**{name: row[column] for name, column in GEOMETRY.items()})


def geometry_columns(geometry: ViewGeometry) -> dict[str, object]:
    """Columns of a row, which `view_geometry` reads back."""
    return {column: getattr(geometry, name) for name, column in GEOMETRY.items()}
