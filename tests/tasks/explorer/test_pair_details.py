"""Proves tasks.explorer.pair_details."""

import pyarrow as pa

from tasks.explorer.pair_details import _margin_parts


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
