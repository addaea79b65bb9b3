"""Columns of a view's geometry: each is in the table, and reading them gives the geometry back."""

from ilime_core.records import ViewGeometry
from tasks.stages.segment.view_geometry import geometry_columns, view_geometry
from tasks.tables import TABLES

GEOMETRY = ViewGeometry(640, 480, 224, 192, -1.5, 2.5, 0.35, 0.4)


def test_columns_are_those_of_the_table_and_keep_every_number():
    row = geometry_columns(GEOMETRY)
    assert row == {
        "original_width": 640,
        "original_height": 480,
        "view_width": 224,
        "view_height": 192,
        "view_left": -1.5,
        "view_top": 2.5,
        "scale_x": 0.35,
        "scale_y": 0.4,
    }
    assert row.keys() <= set(TABLES["views"].schema.names)
    assert view_geometry(row) == GEOMETRY
