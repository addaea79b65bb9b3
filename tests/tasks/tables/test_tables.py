"""Tables: stage and key of each, and the schema that is made of a description.

Proves tasks.tables.columns, tasks.tables.embed, tasks.tables.finish, tasks.tables.fit, tasks.tables.match,
tasks.tables.measure, tasks.tables.score, tasks.tables.segment, tasks.tables.select, tasks.tables.summarise.
"""

import pyarrow as pa
import pytest

from tasks.tables import (
    REPEATED,
    SCHEMA_VERSION,
    STAGES,
    TABLES,
    embed,
    finish,
    fit,
    gather,
    match,
    measure,
    score,
    segment,
    select,
    summarise,
    sweep,
)
from tasks.tables.columns import INT, REAL, TEXT, Column, Table

PAIR = "pair_id estimator"
MEASURED = f"{PAIR} metric mode side baseline"
VARIANT = "metric mode side baseline"
MARGIN = "query_id direction reason number estimator"
KEYS = {
    embed: {"items": "item_id"},
    match: {
        "rankings": "query_id direction rank",
        "retrieval_metrics": "direction slice metric",
        "hub_candidates": "direction rank",
        "pairs": "pair_id",
        "contrasts": "question edit direction correct_pair_id edited_pair_id",
        "contrast_accuracy": "direction edit category measure",
    },
    segment: {"segments": "item_id segment", "views": "item_id"},
    score: {
        "embeddings": "item_id set row",
        "effects": "item_id estimator segment",
        "item_fits": "item_id estimator",
    },
    fit: {
        "fits": PAIR,
        "interactions": f"{PAIR} left_segment right_segment",
        "main_effects": f"{PAIR} side segment",
        "factors": f"{PAIR} component",
        "within_interactions": f"{PAIR} side segment other_segment",
        "three_way_interactions": f"{PAIR} side segment other_segment opposite_segment",
        "margins": MARGIN,
        "margin_effects": f"{MARGIN} part_of segment",
    },
    measure: {
        "faithfulness": f"{MEASURED} axis control measure_id",
        "curves": f"{MEASURED} control random_order measure_id",
        "leaderboard": f"measure_id estimator relation slice {VARIANT} axis scale control versus",
        "method_differences": "measure_id estimator rival relation metric mode side baseline axis scale",
    },
    select: {
        "selections": "pair_id method side step selection_id",
        "selection_curves": "pair_id method side segment selection_id",
        "rank_effects": "query_id direction segment selection_id",
    },
    sweep: {
        "tile_segments": "tile side item_id segment",
        "tile_histograms": "tile slice measure relation bin",
        "tile_cells": "tile rank",
    },
    gather: {
        "pair_summaries": "query_id direction candidate_id",
        "segment_totals": "side item_id segment",
        "pair_histograms": "slice measure relation bin",
        "top_cells": "rank",
        "joint_rankings": "direction slice quantity",
    },
    summarise: {
        "global_factors": "estimator component",
        "global_loadings": "estimator component side item_id segment",
        "word_class_means": "estimator relation slice side word_class quantity",
        "label_word_mass": "estimator label word",
        "aggregates": "estimator relation slice quantity",
        "slice_differences": "estimator relation slice quantity",
        "slice_counts": "tag",
    },
    finish: {"failures": "stage entry", "runs": "label", "executions": "execution"},
}


@pytest.mark.parametrize("module", KEYS, ids=lambda module: module.__name__.rpartition(".")[2])
def test_tables_of_a_stage_have_these_keys(module):
    assert {table.name: " ".join(table.key) for table in module.TABLES} == KEYS[module]


def test_every_table_is_known_by_its_name():
    assert {name: table.name for name, table in TABLES.items()} == {
        name: name for tables in KEYS.values() for name in tables
    }
    assert {table.stage for table in TABLES.values()} == set(STAGES)
    assert [stage for stage in STAGES if stage in REPEATED] == ["measure", "rank", "select"]


def test_a_schema_has_units_and_meanings_and_a_key_without_null():
    columns = (Column("name", TEXT, "the key"), Column("n", INT, "how many", nullable=False))
    table = Table(
        "small", "embed", ("name",), "", (*columns, Column("size", REAL, "its size", unit="pixels"))
    )
    schema = table.schema
    assert schema.types == [pa.string(), pa.int32(), pa.float32()]
    assert [field.nullable for field in schema] == [False, False, True]
    assert schema.field("size").metadata == {b"meaning": b"its size", b"unit": b"pixels"}
    assert schema.field("n").metadata == {b"meaning": b"how many"}
    assert schema.metadata == {b"ilime.table": b"small", b"ilime.schema": SCHEMA_VERSION.encode()}


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_foreign_keys_are_columns_of_the_types_of_the_key_that_they_name(table):
    for reference in table.references:
        target = TABLES[reference.table]
        assert len(reference.columns) == len(target.key)
        for column, key in zip(reference.columns, target.key, strict=True):
            assert table.schema.field(column).type == target.schema.field(key).type, (table.name, column)


def test_every_column_of_ids_has_a_foreign_key():
    """Those that name what does not exist, or exists in the row alone, are exempt."""
    exempt = {("items", "item_id"), ("pairs", "pair_id"), ("failures", "item_id")}
    exempt |= {("contrasts", "correct_pair_id"), ("contrasts", "edited_pair_id")}
    for table in TABLES.values():
        known = {column for reference in table.references for column in reference.columns}
        ids = [name for name in table.schema.names if name.endswith(("item_id", "pair_id"))]
        assert [name for name in ids if name not in known and (table.name, name) not in exempt] == []
