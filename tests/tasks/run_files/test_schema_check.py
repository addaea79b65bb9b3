"""Runs of another major version of the schema: their rows are refused, not read as none."""

from dataclasses import replace

import pyarrow as pa
import pytest

from tasks.planning.reuse import known_contents
from tasks.run_files.commit_records import commit_bytes, sealed
from tasks.run_files.commits import BlockFacts, commit_block
from tasks.run_files.committed import committed, read_rows
from tasks.run_files.naming import commit_key
from tasks.run_files.plan import RunPlan
from tasks.run_files.pruning import remove_run
from tasks.run_files.schema_check import SchemaError
from tasks.runs.verify import verify_run
from tasks.storage.storage import Storage
from tasks.tables import SCHEMA_VERSION

RUN = "r0123456789abcdef"
MAJOR = int(SCHEMA_VERSION.partition(".")[0])


@pytest.fixture
def storage(tmp_path):
    return Storage(str(tmp_path))


def commit_under(storage, version):
    """One block of ``pairs`` whose record says that it is of ``version``."""
    rows = pa.table({"pair_id": ["pa"], "block": [0], "score": [0.5]})
    facts = BlockFacts()
    commit, _ = commit_block(storage, RUN, "match", 0, {"pairs": rows}, facts)
    key = commit_key(RUN, "match", 0)
    storage.delete(key)
    other = sealed(replace(commit, versions={**commit.versions, "tables": version}))
    storage.create(key, commit_bytes(other))


def scores(storage):
    return read_rows(storage, committed(storage, RUN, "match").values(), "pairs", ["score"])


def test_another_minor_version_is_read(storage):
    commit_under(storage, f"{MAJOR}.99")
    assert scores(storage)["score"].to_pylist() == [0.5]


@pytest.mark.parametrize("version", [f"{MAJOR - 1}.0", f"{MAJOR + 1}.0"])
def test_another_major_version_is_refused_by_its_name(storage, version):
    commit_under(storage, version)
    message = f"run {RUN} has tables of schema {version}, and this version of ilime reads {SCHEMA_VERSION}"
    with pytest.raises(SchemaError, match=message):
        scores(storage)
    with pytest.raises(SchemaError, match=message):
        verify_run(storage, RUN)


def test_a_run_of_another_major_version_lends_no_rows(storage):
    commit_under(storage, f"{MAJOR - 1}.0")
    plan = RunPlan.model_construct(run_id=RUN, created="")

    def ids(run_id):
        return frozenset(scores(storage)["score"].to_pylist())

    assert known_contents([plan], {0.5}, ids) == {}


def test_tables_under_names_of_before_are_removed_with_their_run(storage, tmp_path):
    storage.write(f"anchors/run_id={RUN}/part-score-00000-0123456789ab.parquet", b"rows")
    assert remove_run(storage, RUN) == 2  # the part and the mark of the removal
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
