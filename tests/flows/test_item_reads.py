"""A block reads the parts of embed that hold its items, and no others.

Proves tasks.run_files.match_plan, tasks.runs.items, tasks.planning.embed_blocks,
tasks.stages.score.perturb, tasks.stages.match.match.
"""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest
from probes import counted_storage
from tiny_benchmark import explain, run_of

from ilime_core.errors import InputError
from tasks.process.models import encoder_of
from tasks.run_files.committed import read_rows
from tasks.run_files.match_plan import item_blocks_of, match_plan
from tasks.run_files.plan import open_run_plan
from tasks.runs.items import read_items
from tasks.stages.match import match
from tasks.stages.score.perturb import StagePlace, masked_images
from tasks.tables import TABLES


@pytest.fixture(scope="module")
def run(benchmark, tmp_path_factory):
    """A run whose items lie in many blocks of embed: two pictures or three captions each."""
    changes = {"blocks": {"image_encodes": 2, "text_encodes": 3}, "faithfulness": {"sample": 0}}
    outcome = explain(benchmark.spec(tmp_path_factory.mktemp("many"), **changes))
    assert outcome.finished, outcome.failures
    return open_run_plan(outcome.run.root, outcome.run.run_id), run_of(outcome)


def test_one_item_costs_one_part(run):
    plan, reader = run
    assert len(plan.plan.embed_blocks) == 5
    items = reader.table("items").to_pylist()
    plan.commits("embed", range(5))
    for row in items:
        with counted_storage() as counts:
            (found,) = read_items(plan, [row["item_id"]]).values()
        assert counts.requests["driver"]["open"] == 1
        assert (found.item_id, found.uri, found.text) == (row["item_id"], row["uri"], row["text"])
        np.testing.assert_array_equal(found.embedding, np.asarray(row["embedding"], np.float32))


def test_items_come_in_the_order_asked_from_whatever_blocks(run):
    plan, reader = run
    names = reader.table("items")["item_id"].to_pylist()[::-1]
    assert list(read_items(plan, names)) == names
    assert read_items(plan, []) == {}


def test_match_has_the_embeddings_of_one_block_beside_its_own(run, monkeypatch):
    plan, reader = run
    asked = []

    def noted(storage, commits, table, columns=None, *rest):
        if "embedding" in (columns or ()):
            asked.append([commit.block for commit in commits])
        return read_rows(storage, commits, table, columns, *rest)

    monkeypatch.setattr(match, "read_rows", noted)
    found = match._match(plan)
    assert asked == [[0], [1], [2], [3], [4]]  # pictures, then captions
    for name in ("pairs", "rankings"):
        rows = found.tables[name]
        one = pa.concat_tables(rows) if isinstance(rows, list) else rows
        order = [(column, "ascending") for column in TABLES[name].key]
        assert one.sort_by(order).to_pylist() == reader.table(name).sort_by(order).to_pylist()


def test_blocks_of_items_are_those_that_match_has_fixed(run):
    plan, _ = run
    blocks = match_plan(plan).item_blocks
    assert len(blocks) > 3
    for block in blocks:
        assert item_blocks_of(plan, block.item_ids) == [block.block]
    assert item_blocks_of(plan, [blocks[2].item_ids[0], blocks[0].item_ids[-1]]) == [0, 2]


def test_a_view_that_is_cut_otherwise_than_when_it_was_embedded_is_refused(run):
    """The same bytes, read by another library or preprocessing."""
    plan, reader = run
    name = next(row["item_id"] for row in reader.table("items").to_pylist() if row["modality"] == "image")
    items = list(read_items(plan, [name]).values())
    place = StagePlace(plan, "score", tuple(item_blocks_of(plan, [name])))
    rows = {name: np.ones((1, 9), dtype=bool)}
    encoder = encoder_of(plan)
    [masked] = masked_images(place, encoder, items, rows)
    assert masked.key == name

    def view(image):
        seen = encoder.image.view(image)
        return replace(seen, pixels=seen.pixels ^ 1)

    other = SimpleNamespace(image=SimpleNamespace(view=view))
    with pytest.raises(InputError, match="has changed since it was embedded"):
        list(masked_images(place, other, items, rows))
