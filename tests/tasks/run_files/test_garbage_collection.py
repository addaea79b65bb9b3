"""Garbage collection: what no record and no plan names, and what a killed writer left."""

import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from committed_blocks import RUN, facts, pairs

from tasks.run_files.commits import commit_block
from tasks.run_files.committed import all_commits, committed, read_commit, read_rows
from tasks.run_files.garbage_collection import collect_garbage
from tasks.run_files.naming import plan_key
from tasks.storage.storage import Storage


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
