"""Building blocks of tables: types, shared columns, and the records that describe a table."""

from dataclasses import dataclass, field

import pyarrow as pa

__all__ = [
    "BYTES",
    "CLUSTERS",
    "DIRECTION",
    "ESTIMATOR",
    "FLAG",
    "ID",
    "INT",
    "ITEM",
    "LONG",
    "OWN_FIT",
    "OWN_ITEM",
    "OWN_PAIR",
    "OWN_SEGMENT",
    "PAIR",
    "QUERY",
    "QUERY_ITEM",
    "QUERY_SLICE",
    "REAL",
    "REPEATED",
    "SCHEMA_VERSION",
    "SEGMENT",
    "SIDE",
    "SLICE",
    "STAGES",
    "STRINGS",
    "TEXT",
    "TIME",
    "VECTOR",
    "WHOLES",
    "WIDE",
    "Column",
    "Reference",
    "Table",
]

SCHEMA_VERSION = "4.2"
"""A minor version only adds nullable columns; a major one changes a type or a name: no other is read."""

STAGES = (
    "embed",
    "match",
    "segment",
    "score",
    "fit",
    "sweep",
    "gather",
    "summarise",
    "measure",
    "rank",
    "select",
    "finish",
)

REPEATED = ("measure", "rank", "select")
"""Stages that may run again on a finished run: each choice of parameters under a name of its own."""

ID = pa.string()
TEXT = pa.string()
INT = pa.int32()
LONG = pa.int64()
REAL = pa.float32()
WIDE = pa.float64()
FLAG = pa.bool_()
TIME = pa.timestamp("us", tz="UTC")
VECTOR = pa.list_(pa.float32())
WHOLES = pa.list_(pa.int32())
BYTES = pa.binary()
STRINGS = pa.map_(pa.string(), pa.string())


@dataclass(frozen=True, slots=True)
class Column:
    """One column; ``meaning`` goes into the Parquet metadata and the dictionary in docs."""

    name: str
    type: pa.DataType
    meaning: str
    unit: str = ""
    nullable: bool = True


@dataclass(frozen=True, slots=True)
class Reference:
    """Foreign key: where none of ``columns`` is NULL, they are the key of a row of ``table``, in order."""

    columns: tuple[str, ...]
    table: str


@dataclass(frozen=True, slots=True)
class Table:
    """One table: rows sorted by ``key``, unique within a run; ``volatile`` columns differ by nature."""

    name: str
    stage: str
    key: tuple[str, ...]
    meaning: str
    columns: tuple[Column, ...]
    volatile: frozenset[str] = field(default_factory=frozenset)
    references: tuple[Reference, ...] = ()

    @property
    def schema(self) -> pa.Schema:
        """Arrow schema with units and meanings as field metadata; key columns are not nullable."""
        fields = [
            pa.field(
                c.name,
                c.type,
                nullable=c.nullable and c.name not in self.key,
                metadata={"meaning": c.meaning} | ({"unit": c.unit} if c.unit else {}),
            )
            for c in self.columns
        ]
        return pa.schema(fields, metadata={"ilime.table": self.name, "ilime.schema": SCHEMA_VERSION})


ITEM = Column("item_id", ID, "i + sha256 of content and modality")
PAIR = Column("pair_id", ID, "p + sha256 of its two item ids")
ESTIMATOR = Column("estimator", TEXT, "effects estimator")
SIDE = Column("side", TEXT, "left or right")
SEGMENT = Column("segment", INT, "segment of the item, from 0 in reading order")
DIRECTION = Column("direction", TEXT, "left_to_right (image to text) or right_to_left")
SLICE = Column("slice", TEXT, "tag=value: pairs of which either item has it; or all")
QUERY_SLICE = Column("slice", TEXT, "tag=value: queries that have it, among all candidates; or all")
QUERY = Column("query_id", ID, "item that asks")

OWN_ITEM = Reference(("item_id",), "items")
OWN_SEGMENT = Reference(("item_id", "segment"), "segments")
OWN_PAIR = Reference(("pair_id",), "pairs")
OWN_FIT = Reference(("pair_id", "estimator"), "fits")
QUERY_ITEM = Reference(("query_id",), "items")

CLUSTERS = (
    Column("n_left", INT, "distinct left items among the n pairs"),
    Column("n_right", INT, "distinct right items among them"),
    Column("standard_error", WIDE, "of the mean, clustered by both items"),
    Column("degrees", WIDE, "degrees of freedom of Student's t in the interval"),
)
"""Columns that describe the interval of a mean over pairs."""
