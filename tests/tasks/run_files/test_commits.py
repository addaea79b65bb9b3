"""Commits: a block is finished when its record exists, also beside other writers.

Proves tasks.run_files.commits and tasks.run_files.committed.
"""

import threading

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from committed_blocks import FAILURE, RUN, facts, pairs

from ilime_core.errors import InternalError
from tasks.run_files.commits import append_block, commit_block
from tasks.run_files.committed import committed, read_commit, read_rows
from tasks.storage.storage import StorageError
from tasks.tables import TABLES


def test_a_commit_is_read_back_whole(storage):
    commit, ours = commit_block(storage, RUN, "match", 2, {"pairs": pairs("pa")}, facts(failures=(FAILURE,)))
    assert ours
    assert read_commit(storage, RUN, "match", 2) == commit
    assert commit.facts == facts(failures=(FAILURE,))
    assert commit.versions["pyarrow"] == pa.__version__
    assert [(part.table, part.rows, part.bytes) for part in commit.parts] == [
        ("pairs", 1, storage.stat(commit.parts[0].key).size)
    ]
    assert read_commit(storage, RUN, "match", 3) is None


def test_rows_are_read_from_named_parts_only(storage):
    commit_block(storage, RUN, "match", 1, {"pairs": [pairs("pc"), pairs("pb", "pa")]}, facts())
    commit_block(storage, RUN, "match", 0, {"pairs": pairs("pd")}, facts())
    named = committed(storage, RUN, "match")
    storage.write(f"pairs/run_id={RUN}/part-match-00009-abababababab.parquet", b"stray")
    assert list(named) == [0, 1]
    assert read_rows(storage, named.values(), "pairs", ["pair_id"])["pair_id"].to_pylist() == [
        "pd",
        "pc",
        "pa",
        "pb",
    ]
    some = read_rows(storage, [named[1]], "pairs", filter=pc.field("pair_id") > "pa")
    assert some["pair_id"].to_pylist() == ["pc", "pb"]
    assert some["score"].to_pylist() == [0.5, 0.5]
    none = read_rows(storage, named.values(), "rankings", ["rank"])
    assert none.num_rows == 0
    assert none.schema.types == [pa.int32()]


def test_no_rows_make_no_part(storage):
    commit, _ = commit_block(
        storage, RUN, "match", 0, {"pairs": pairs("pa"), "rankings": pa.table({})}, facts()
    )
    assert [part.table for part in commit.parts] == ["pairs"]
    assert len(storage.list("")) == 2


def test_finish_writes_the_empty_part_of_any_table_and_rows_of_its_own_alone(storage):
    tables = {name: TABLES[name].schema.empty_table() for name in ("pairs", "failures")}
    commit, _ = commit_block(storage, RUN, "finish", 0, tables, facts())
    assert [(part.table, part.rows) for part in commit.parts] == [("pairs", 0), ("failures", 0)]
    for part in commit.parts:
        assert pq.read_table(storage.open(part.key)).schema.equals(TABLES[part.table].schema)
    with pytest.raises(InternalError, match="stage finish does not write a table 'pairs'"):
        commit_block(storage, RUN, "finish", 1, {"pairs": pairs("pa")}, facts())


def test_the_second_writer_adopts_and_leaves_nothing(storage):
    first, _ = commit_block(storage, RUN, "match", 0, {"pairs": pairs("pa")}, facts())
    second, ours = commit_block(storage, RUN, "match", 0, {"pairs": pairs("pa", score=0.75)}, facts())
    assert not ours
    assert second == first
    assert [file.key for file in storage.list("pairs")] == [first.parts[0].key]


def test_equal_parts_of_a_second_writer_are_kept(storage):
    first, _ = commit_block(storage, RUN, "match", 0, {"pairs": pairs("pa")}, facts())
    _, ours = commit_block(storage, RUN, "match", 0, {"pairs": pairs("pa")}, facts(seconds=9.0))
    assert not ours
    assert storage.exists(first.parts[0].key)


def test_racing_writers_agree_and_leave_one_set_of_parts(storage):
    for block in range(5):
        barrier, seen = threading.Barrier(6), []

        def write(number, block=block, barrier=barrier, seen=seen):
            rows = {"pairs": [pairs("pa", score=number), pairs("pb", score=number % 2)]}
            barrier.wait()
            seen.append(commit_block(storage, RUN, "match", block, rows, facts()))

        threads = [threading.Thread(target=write, args=(n,)) for n in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(ours for _, ours in seen) == 1
        assert len({commit.digest for commit, _ in seen}) == 1
    named = {part.key for commit in committed(storage, RUN, "match").values() for part in commit.parts}
    assert {file.key for file in storage.list("pairs")} == named


def test_a_stage_writes_its_own_tables_only(storage):
    for stage, name in (("fit", "pairs"), ("match", "nonsense")):
        with pytest.raises(InternalError, match=f"stage {stage} does not write"):
            commit_block(storage, RUN, stage, 0, {name: pairs("pa")}, facts())
    assert storage.list() == []


def test_rows_that_do_not_fit_write_nothing(storage):
    tables = {
        "rankings": pa.table({"query_id": ["ia"], "direction": ["x"], "rank": [1]}),
        "pairs": pairs("pa", "pa"),
    }
    with pytest.raises(InternalError, match="two rows have the key"):
        commit_block(storage, RUN, "match", 0, tables, facts())
    assert storage.list() == []


@pytest.mark.parametrize(
    "damage", [lambda data: data[: len(data) // 2], lambda data: b"\0" * len(data), None]
)
def test_a_damaged_or_missing_part_is_named(storage, damage):
    commit, _ = commit_block(storage, RUN, "match", 0, {"pairs": pairs("pa")}, facts())
    key = commit.parts[0].key
    data = storage.read_bytes(key)
    storage.delete(key)
    if damage:
        storage.write(key, damage(data))
    with pytest.raises(StorageError, match=key):
        read_rows(storage, [commit], "pairs")


def test_appended_blocks_take_the_next_number(storage):
    for n in range(3):
        row = pa.table({"execution": [f"e{n}"]})
        commit = append_block(storage, RUN, "finish", {"executions": row}, facts())
        assert commit.block == n + 1
    rows = read_rows(storage, committed(storage, RUN, "finish").values(), "executions", ["execution"])
    assert rows["execution"].to_pylist() == ["e0", "e1", "e2"]
    commit_block(storage, RUN, "finish", 7, {"executions": pa.table({"execution": ["e7"]})}, facts())
    row = pa.table({"execution": ["e8"]})
    assert append_block(storage, RUN, "finish", {"executions": row}, facts()).block == 8  # gaps stay


def test_records_come_in_the_order_of_their_numbers_however_many_digits_those_have(storage):
    for block in (100_000, 99_999, 9):
        commit_block(storage, RUN, "match", block, {"pairs": pairs(f"p{block}")}, facts())
    assert list(committed(storage, RUN, "match")) == [9, 99_999, 100_000]
