"""All tables: columns, types, keys, meaning, and the one stage that writes each.

Parquet lies under ``<output>/<table>/run_id=<id>/``; ``run_id`` is the partition and no column. Integers are
signed, vectors plain lists (one table may hold several widths), an unknown value is NULL and never NaN.
"""

from tasks.tables import embed, finish, fit, gather, match, measure, score, segment, select, summarise, sweep
from tasks.tables.columns import REPEATED, SCHEMA_VERSION, STAGES, Column, Reference, Table

__all__ = ["FORMER_TABLES", "REPEATED", "SCHEMA_VERSION", "STAGES", "TABLES", "Column", "Reference", "Table"]

_STAGES = (embed, match, segment, score, fit, sweep, gather, measure, select, summarise, finish)

FORMER_TABLES = ("anchors",)
"""Names that tables had under an earlier schema: the removal of a run includes their folders."""

TABLES = {table.name: table for stage in _STAGES for table in stage.TABLES}
