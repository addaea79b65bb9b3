"""Commits: a block is finished when its record exists, after any kill and beside other writers.

Proves tasks.run_files.commits, tasks.run_files.committed, tasks.run_files.commit_records and
tasks.run_files.garbage_collection.
"""

import json
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from ilime_core.errors import InternalError
from tasks.run_files.commit_records import commit_bytes, content_digest, parse_commit, sealed
from tasks.run_files.commits import BlockFacts, Failure, append_block, commit_block
from tasks.run_files.committed import all_commits, committed, read_commit, read_rows
from tasks.run_files.damage import DamageError
from tasks.run_files.garbage_collection import collect_garbage
from tasks.run_files.naming import commit_key, plan_key
from tasks.storage.storage import Storage, StorageError
from tasks.tables import TABLES
from tasks.tables.counts import Counts

RUN = "r0123456789abcdef"
FAILURE = Failure("segment", 3, "ia", "empty", "no word", "a.json")


def facts(failures=(), **changes):
    counts = Counts(1, 2, 0, 3, 4, len(failures), 0.5, 0.25)
    return BlockFacts(replace(counts, **changes), ("ab",), failures)


def pairs(*ids, score=0.5):
    return pa.table({"pair_id": list(ids), "block": [0] * len(ids), "score": [score] * len(ids)})


@pytest.fixture(params=["local", "s3"])
def storage(request, tmp_path):
    return Storage(str(tmp_path)) if request.param == "local" else request.getfixturevalue("s3_storage")


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


def test_records_are_canonical_json(storage):
    commit_block(storage, RUN, "match", 0, {"pairs": pairs("pa")}, facts())
    text = storage.read_bytes(commit_key(RUN, "match", 0)).decode()
    assert text == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":")) + "\n"


def test_scores_are_recorded_where_there_are_any_and_records_of_before_have_none(storage):
    commit, _ = commit_block(storage, RUN, "match", 0, {"pairs": pairs("pa")}, facts(scores=7))
    assert read_commit(storage, RUN, "match", 0) == commit
    assert commit.facts.counts.scores == 7
    commit_block(storage, RUN, "match", 1, {"pairs": pairs("pb")}, facts())
    record = json.loads(storage.read_bytes(commit_key(RUN, "match", 1)))
    assert "scores" not in record["facts"]
    assert read_commit(storage, RUN, "match", 1).facts.counts.scores == 0


OLD = (
    '{"block":0,"digest":"2031bdedf36717060ac28c72315b8326d2cef75717a42edd173b15c749d6c807","facts":'
    '{"encoder_seconds":0.5,"failures":[{"entry":3,"item_id":"ia","message":"no word","reason":"empty",'
    '"stage":"score","uri":"a.json"}],"image_encodes":120,"image_encodes_reused":3,"inputs":["ab"],"scores":7,'
    '"seconds":1.25,"text_encodes":60,"text_encodes_reused":4},"parts":[{"bytes":9,'
    '"key":"effects/run_id=r0123456789abcdef/score-00000-0a.parquet","rows":2,"sha256":"0a",'
    '"table":"effects"}],"run_id":"r0123456789abcdef",'
    '"seal":"398e78a16f84531a168c26e9bafad474ff11eb555cafd08bf5b1a8ceec95849c","stage":"score",'
    '"versions":{"pyarrow":"1"},"worker":"host:1"}\n'
)
"""Written before counts had a record of their own."""


def test_records_hold_counts_as_they_always_did():
    commit = parse_commit(OLD.encode(), commit_key(RUN, "score", 0))
    assert commit.facts.counts == Counts(120, 60, 7, 3, 4, 1, 1.25, 0.5)
    assert commit_bytes(commit) == OLD.encode()
    for harm in (OLD.replace('"text_encodes":60,', ""), OLD.replace("60", '"many"'), OLD[:-9], "[]"):
        with pytest.raises(DamageError):
            parse_commit(harm.encode(), commit_key(RUN, "score", 0))


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


def test_the_digest_is_of_content_and_not_of_cost(storage):
    def digest(block, rows, **changes):
        return commit_block(storage, RUN, "match", block, {"pairs": rows}, facts(**changes))[0].digest

    first = digest(0, pairs("pa"))
    storage.delete(commit_key(RUN, "match", 0))
    assert digest(0, pairs("pa"), seconds=99.0, image_encodes=7) == first
    storage.delete(commit_key(RUN, "match", 0))
    assert digest(0, pairs("pa"), failures=(FAILURE,)) != first
    assert digest(1, pairs("pa")) != first


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
    "damage",
    [
        lambda data: data[:-40],
        lambda data: data.replace(b'"rows":1', b'"rows":"one"'),
        lambda data: data.replace(b'"stage":"match"', b'"stage":"embed"'),
        lambda data: data.replace(b'"worker"', b'"laborer"'),
    ],
)
def test_a_damaged_record_is_an_error_and_never_absent(storage, damage):
    commit_block(storage, RUN, "match", 0, {"pairs": pairs("pa")}, facts())
    key = commit_key(RUN, "match", 0)
    storage.write(key, damage(storage.read_bytes(key)))
    with pytest.raises(StorageError, match=f"{key} is damaged"):
        read_commit(storage, RUN, "match", 0)
    with pytest.raises(StorageError, match="damaged"):
        collect_garbage(storage, RUN)


def test_a_record_that_names_a_part_of_another_run_is_damaged_however_well_it_is_sealed(storage):
    ours, _ = commit_block(storage, RUN, "match", 0, {"pairs": pairs("pa")}, facts())
    theirs, _ = commit_block(storage, "r00000000000000ff", "match", 0, {"pairs": pairs("pb")}, facts())
    digest = content_digest("match", 0, theirs.parts, ())
    mixed = sealed(replace(ours, parts=theirs.parts, digest=digest))
    key = commit_key(RUN, "match", 0)
    storage.write(key, commit_bytes(mixed))
    with pytest.raises(StorageError, match=f"names {theirs.parts[0].key}, a part of another run"):
        read_commit(storage, RUN, "match", 0)


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
    for n, first in enumerate((1, 1, 1)):
        row = pa.table({"execution": [f"e{n}"]})
        commit = append_block(storage, RUN, "finish", {"executions": row}, facts(), first)
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


def test_sweep_removes_what_no_record_and_no_plan_names(storage):
    stage = "measure-m0123456789ab"
    curves = {
        "pair_id": ["pa"], "estimator": ["b"], "metric": ["d"], "mode": ["s"], "side": ["c"],
        "baseline": ["f"], "control": ["r"], "random_order": [0], "measure_id": ["m"],
    }  # fmt: skip
    commit_block(storage, RUN, "match", 0, {"pairs": pairs("pa")}, facts())
    commit_block(storage, RUN, stage, 0, {"curves": pa.table(curves)}, facts())
    storage.write(plan_key(RUN), b'{"manifest":"manifest-aaaaaaaaaaaa.parquet"}')
    storage.write(plan_key(RUN, "manifest-aaaaaaaaaaaa.parquet"), b"x")
    kept = [file.key for file in storage.list()]
    assert collect_garbage(storage, RUN) == 0
    assert [file.key for file in storage.list()] == kept
    storage.write(f"pairs/run_id={RUN}/part-match-00000-abababababab.parquet", b"stray")
    storage.write(f"curves/run_id={RUN}/part-{stage}-00000-abababababab.parquet", b"stray")
    storage.write(plan_key(RUN, "manifest-bbbbbbbbbbbb.parquet"), b"x")
    storage.write("pairs/run_id=r00000000000000ff/part-match-00000-abababababab.parquet", b"another run's")
    assert collect_garbage(storage, RUN) == 3
    assert [file.key for file in storage.list() if "r00000000000000ff" not in file.key] == kept
    assert set(all_commits(storage, RUN)) == {"match", stage}


def test_sweep_leaves_a_part_whose_record_may_still_come(storage, monkeypatch):
    key = f"pairs/run_id={RUN}/part-match-00007-abababababab.parquet"
    storage.write(key, b"a block that another worker is about to commit")
    assert collect_garbage(storage, RUN) == 0
    assert storage.exists(key)
    monkeypatch.setattr("tasks.run_files.garbage_collection.ABANDONED", timedelta(0))
    assert collect_garbage(storage, RUN) == 1
    assert not storage.exists(key)


KILLED = """
import os, signal, sys
import pyarrow as pa
from tasks.run_files import commits
from tasks.storage.storage import Storage
from tests_facts import FACTS

Storage.{method} = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
rows = pa.table({{"pair_id": ["pa"], "block": [0], "score": [0.5]}})
commits.commit_block(Storage(sys.argv[1]), "r0123456789abcdef", "match", 0, {{"pairs": rows}}, FACTS)
"""


@pytest.mark.parametrize("method", ["create", "write"])
def test_a_writer_killed_before_its_record_has_written_nothing_that_counts(tmp_path, method):
    (tmp_path / "tests_facts.py").write_text(
        "from tasks.run_files.commits import BlockFacts\nFACTS = BlockFacts()\n"
    )
    output = tmp_path / "output"
    environment = {"PYTHONPATH": f"{Path(__file__).parents[3]}:{tmp_path}", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-c", KILLED.format(method=method), str(output)], check=False, env=environment
    )
    assert done.returncode == -signal.SIGKILL
    storage = Storage(str(output))
    strays = len(storage.list("pairs"))
    assert strays == (1 if method == "create" else 0)
    assert read_commit(storage, RUN, "match", 0) is None
    _, ours = commit_block(storage, RUN, "match", 0, {"pairs": pairs("pa", score=0.25)}, facts())
    assert ours
    assert collect_garbage(storage, RUN) == strays
    assert len(storage.list("pairs")) == 1
    assert read_rows(storage, committed(storage, RUN, "match").values(), "pairs")["score"].to_pylist() == [
        0.25
    ]
