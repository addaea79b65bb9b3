"""Proves tasks.explorer.pair_details."""

from contextlib import nullcontext
from types import SimpleNamespace

import duckdb
import pyarrow as pa

from tasks.explorer import pair_details
from tasks.explorer.pair_details import _margin_parts, verdict_counts


def test_parts_of_a_margin_are_in_the_order_of_their_segments():
    key = {"query_id": "q", "direction": "left_to_right", "reason": "error", "number": 0}
    rows = [
        key | {"part_of": part, "item_id": f"i-{part}", "segment": n, "effect": n / 4, "standard_error": 1.0}
        for n in (2, 0, 1)
        for part in ("wrong", "query")
    ]
    found = _margin_parts(pa.Table.from_pylist(rows))
    assert {(*place[:2], place[-1]): one.item_id for place, one in found.items()} == {
        ("q", "left_to_right", "query"): "i-query",
        ("q", "left_to_right", "wrong"): "i-wrong",
    }
    assert [one.effect.tolist() for one in found.values()] == [[0.0, 0.25, 0.5]] * 2


def test_verdicts_of_most_pairs_come_first_and_equal_ones_by_name(monkeypatch):
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE trust AS SELECT * FROM (VALUES ('no', 'b'), ('doubtful', 'a'), ('usable', ''), "
            "('usable', ''), ('no', 'a')) AS one(verdict, reasons)"
        )
        database = SimpleNamespace(query=lambda sql: connection.sql(sql).to_arrow_table().to_batches())
        monkeypatch.setattr(pair_details, "Database", lambda _: nullcontext(database))
        assert verdict_counts(SimpleNamespace(finished=True)) == [
            ("usable", "", 2),
            ("doubtful", "a", 1),
            ("no", "a", 1),
            ("no", "b", 1),
        ]
    assert verdict_counts(SimpleNamespace(finished=False)) == []
