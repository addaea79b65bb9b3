"""Parts: checked, sorted, and the same bytes for the same rows."""

import io
import math

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from every import every

from ilime_core.errors import InternalError
from tasks.run_files.parts import part_bytes, read_part
from tasks.tables import SCHEMA_VERSION, TABLES

EFFECTS, FITS, ITEM_FITS = TABLES["effects"], TABLES["fits"], TABLES["item_fits"]


def effects(**changes):
    columns = {
        "item_id": ["ib", "ia", "ia"],
        "estimator": ["banzhaf"] * 3,
        "segment": [0, 1, 0],
        "effect": [[5.0, 6.0], [3.0, 4.0], [1.0, 2.0, 2.5]],
        "error_scale": [0.5, math.nan, None],
    }
    return pa.table(columns | changes)


def test_rows_come_back_by_key_with_nan_as_null_and_absent_columns_as_null():
    table = read_part(io.BytesIO(part_bytes(effects(), EFFECTS)), EFFECTS)
    assert table.schema.equals(EFFECTS.schema)
    assert table.select(["item_id", "segment", "effect", "error_scale", "half_1"]).to_pydict() == {
        "item_id": ["ia", "ia", "ib"],
        "segment": [0, 1, 0],
        "effect": [[1.0, 2.0, 2.5], [3.0, 4.0], [5.0, 6.0]],
        "error_scale": [None, None, 0.5],
        "half_1": [None, None, None],
    }


def test_the_order_and_chunks_of_the_rows_do_not_move_a_byte():
    rows = effects()
    shuffled = pa.concat_tables([rows.slice(1, 1), rows.slice(0, 1), rows.slice(2)])
    assert part_bytes(shuffled, EFFECTS) == part_bytes(rows, EFFECTS)
    assert part_bytes(effects(error_scale=[0.5, 0.25, None]), EFFECTS) != part_bytes(rows, EFFECTS)


def test_a_part_has_a_page_index_and_names_its_sorting_columns():
    metadata = pq.ParquetFile(io.BytesIO(part_bytes(effects(), EFFECTS))).metadata
    group = metadata.row_group(0)
    names = [metadata.schema.column(one.column_index).path for one in group.sorting_columns]
    assert names == list(EFFECTS.key)
    assert not any(one.descending for one in group.sorting_columns)
    assert every(group.column(n).has_offset_index for n in range(group.num_columns))
    assert group.column(0).has_column_index


def test_wide_types_are_cast_and_overflow_is_refused():
    assert part_bytes(effects(segment=pa.array([0, 1, 0], pa.int64())), EFFECTS) == part_bytes(
        effects(), EFFECTS
    )
    with pytest.raises(InternalError, match=r"segment is int64 and does not fit int32"):
        part_bytes(effects(segment=[2**40, 1, 0]), EFFECTS)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"segment": [0, None, 0]}, "segment has 1 NULL"),
        (
            {"segment": [0, 1, 1]},
            "two rows have the key {'item_id': 'ia', 'estimator': 'banzhaf', 'segment': 1}",
        ),
        ({"effect": [[1.0], [math.nan], [1.0]]}, "vector of effect holds NaN"),
        ({"effect": [[1.0], [math.inf], [1.0]]}, "vector of effect holds NaN, an infinity"),
        ({"effect": [[1.0], [None], [1.0]]}, "vector of effect holds NaN, an infinity or NULL"),
        ({"effects": [1, 2, 3]}, "has no column effects"),
    ],
)
def test_rows_that_break_the_schema_are_refused(changes, message):
    with pytest.raises(InternalError) as caught:
        part_bytes(effects(**changes), EFFECTS)
    assert message in str(caught.value)
    assert "effects" in str(caught.value)


def test_a_missing_key_column_is_refused():
    with pytest.raises(InternalError, match="column segment is missing"):
        part_bytes(effects().drop_columns(["segment"]), EFFECTS)


def test_vectors_that_an_older_run_kept_in_half_precision_are_read_as_the_same_numbers():
    schema = pa.schema(
        [("item_id", pa.string()), ("estimator", pa.string()), ("error_factors", pa.list_(pa.float16()))]
    )
    halves = [np.float16(1.5), np.float16(-0.1)]
    old = pa.table([["ia", "ib"], ["banzhaf"] * 2, [halves, None]], schema=schema)
    sink = io.BytesIO()
    pq.write_table(old, sink)
    found = read_part(sink, ITEM_FITS)["error_factors"]
    assert found.type == pa.list_(pa.float32())
    assert found.to_pylist() == [[1.5, float(np.float16(-0.1))], None]


def test_a_vector_beyond_its_type_is_refused():
    rows = {"item_id": ["ia"], "estimator": ["banzhaf"], "error_factors": [[1e39]]}
    with pytest.raises(InternalError, match="error_factors"):
        part_bytes(pa.table(rows), ITEM_FITS)


def test_reals_are_split_by_byte_without_dictionary_and_compressed():
    data = part_bytes(effects(), EFFECTS)
    columns = pq.ParquetFile(io.BytesIO(data)).metadata.row_group(0)
    described = [columns.column(i) for i in range(columns.num_columns)]
    for column in described:
        name = column.path_in_schema.partition(".")[0]
        real = name in {"effect", "half_1", "half_2", "error_scale", "degrees"}
        assert ("BYTE_STREAM_SPLIT" in column.encodings) == real
        assert ("RLE_DICTIONARY" in column.encodings) == (not real)
        assert column.compression == "ZSTD"


def test_files_carry_the_schema_version_and_meanings():
    schema = pq.read_schema(io.BytesIO(part_bytes(effects(), EFFECTS)))
    assert schema.metadata[b"ilime.schema"] == SCHEMA_VERSION.encode()
    assert schema.metadata[b"ilime.table"] == b"effects"
    assert schema.field("effect").metadata[b"meaning"] == b"change of the embedding that the segment brings"


def test_row_groups_are_small_enough_to_be_skipped():
    n = 131_072 + 1
    rows = pa.table({"pair_id": np.char.mod("p%08d", np.arange(n)), "estimator": ["banzhaf"] * n})
    data = part_bytes(rows, FITS)
    groups = pq.ParquetFile(io.BytesIO(data)).metadata
    assert [groups.row_group(i).num_rows for i in range(groups.num_row_groups)] == [131_072, 1]
    wanted = read_part(io.BytesIO(data), FITS, ["pair_id"], pc.field("pair_id") >= "p00131071")
    assert wanted.to_pydict() == {"pair_id": ["p00131071", "p00131072"]}
