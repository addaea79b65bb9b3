"""Checked parts: a reader gets what the part's record describes, also where it reads only some rows."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tasks.run_files import checked_parts
from tasks.run_files.commit_records import Commit, commit_bytes, content_digest, parse_commit
from tasks.run_files.commits import BlockFacts, commit_block
from tasks.run_files.committed import read_commit, read_rows
from tasks.run_files.damage import DamageError, MissingPartError
from tasks.run_files.naming import commit_key

RUN = "r0123456789abcdef"
NO_FACTS = BlockFacts()
ROWS = 400


@pytest.fixture
def large(store, monkeypatch):
    """A part of several pieces, with its storage and record."""
    monkeypatch.setattr(checked_parts, "WHOLE", 4096)
    monkeypatch.setattr(checked_parts, "PIECE", 1024)
    vectors = np.random.default_rng(0).normal(size=(ROWS, 8)).astype(np.float32)
    rows = {
        "item_id": [f"i{n:04}" for n in range(ROWS)],
        "modality": ["text"] * ROWS,
        "entry": list(range(ROWS)),
        "embedding": vectors.tolist(),
    }
    commit, _ = commit_block(store, RUN, "embed", 0, {"items": pa.table(rows)}, NO_FACTS)
    (part,) = commit.parts
    assert len(part.pieces) == -(-part.bytes // 1024) > 5
    return store, commit, part


def test_a_large_part_is_read_by_pieces_and_is_what_was_written(large):
    storage, commit, _ = large
    rows = read_rows(storage, [commit], "items", ["entry"], pc.field("item_id") == "i0123")
    assert rows["entry"].to_pylist() == [123]
    assert read_rows(storage, [commit], "items").num_rows == ROWS


def test_every_piece_of_a_large_part_is_held_against_its_digest(large):
    storage, commit, part = large
    whole = storage.read_bytes(part.key)
    for place in range(100, len(whole), 1024):
        data = bytearray(whole)
        data[place] ^= 4
        storage.write(part.key, bytes(data))
        with pytest.raises(DamageError, match=f"{part.key} is damaged"):
            read_rows(storage, [commit], "items")


def test_a_piece_that_is_not_read_is_not_missed(large):
    storage, _, part = large
    data = bytearray(storage.read_bytes(part.key))
    with checked_parts.open_part(storage, part) as stream:
        stream.seek(2048)
        assert stream.read(1024) == bytes(data[2048:3072])
    data[0] ^= 1
    storage.write(part.key, bytes(data))
    with checked_parts.open_part(storage, part) as stream:
        stream.seek(2048)
        assert stream.read(1024) == bytes(data[2048:3072])
        stream.seek(0)
        with pytest.raises(DamageError, match="bytes 0 to 1,024"):
            stream.read(1)


def test_a_lost_and_a_cut_part_are_told_from_a_store_that_fails(large):
    storage, commit, part = large
    storage.write(part.key, storage.read_bytes(part.key)[:3000])
    with pytest.raises(DamageError, match=f"has 3000 bytes; its record says {part.bytes}"):
        read_rows(storage, [commit], "items")
    storage.delete(part.key)
    with pytest.raises(MissingPartError, match="does not exist"):
        read_rows(storage, [commit], "items")


def test_records_of_before_have_no_run_and_no_seal_and_are_read(store):
    record = Commit("match", 0, (), NO_FACTS, "host:1", {}, content_digest("match", 0, (), ()))
    data = commit_bytes(record)
    assert json.loads(data).keys() == {"stage", "block", "parts", "facts", "worker", "versions", "digest"}
    assert "files" not in json.loads(data)["facts"]
    store.write(commit_key(RUN, "match", 0), data)
    assert read_commit(store, RUN, "match", 0) == record


def test_a_seal_covers_what_a_block_cost_too(store):
    commit_block(store, RUN, "match", 0, {}, NO_FACTS)
    key = commit_key(RUN, "match", 0)
    data = store.read_bytes(key)
    assert parse_commit(data, key).run_id == RUN
    changed = data.replace(b'"image_encodes":0', b'"image_encodes":9')
    assert changed != data
    with pytest.raises(DamageError, match="seal"):
        parse_commit(changed, key)
