"""Corpus and tables in an object store: the same run as on local disks, also over a line that fails."""

import json

import pytest
import yaml
from fault_proxy import FaultProxy
from rich.console import Console
from tiny_benchmark import explain, run_of

from flows.execution import execute
from tasks.comparison.diff import diff_runs
from tasks.run_files.naming import parse_part, plan_key
from tasks.runs.verify import verify_run
from tasks.spec import StorageParameters
from tasks.spec.reading import load_parameters
from tasks.storage.access import STORAGE_VARIABLE, grant_access
from tasks.storage.storage import Storage
from tasks.tables import TABLES

PROFILE = "a-profile-that-must-stay-here"
BLOCKS = {"threads": {"image_encodes": 1000, "text_encodes": 500, "pairs": 20}}
"""Fewer and larger blocks for the second run over a line that fails: each request may wait for seconds."""
TIMED = {"runs", "executions"}
"""Tables that tell when and where."""


@pytest.fixture(scope="module")
def placed(s3, benchmark):
    """A bucket with the corpus of the tiny benchmark."""
    bucket, client = s3.make_bucket(), s3.client()
    for path in benchmark.folder.rglob("*"):
        if path.is_file():
            key = f"corpus/{path.relative_to(benchmark.folder)}"
            client.put_object(Bucket=bucket, Key=key, Body=path.read_bytes())
    return bucket


@pytest.fixture
def spec(benchmark, placed):
    """The spec with everything in the bucket; the output is a folder of it."""

    def of(folder, **changes):
        corpus = {
            "annotations": f"s3://{placed}/corpus/annotations.json",
            "images": f"s3://{placed}/corpus/images",
        }
        return benchmark.spec(f"s3://{placed}/{folder}", corpus=corpus, **changes)

    return of


@pytest.fixture(scope="module")
def remote(s3, benchmark, placed, reference):
    """A finished run below ``out``, whose spec says how to reach the store."""
    credentials = f"[{PROFILE}]\naws_access_key_id = {s3.access_key}\naws_secret_access_key = {s3.secret}\n"
    file = s3.folder / "credentials"
    file.write_text(credentials, encoding="utf-8")
    corpus = {
        "annotations": f"s3://{placed}/corpus/annotations.json",
        "images": f"s3://{placed}/corpus/images",
    }
    storage = {"endpoint_url": s3.endpoint_url, "buckets": {placed: {"profile": PROFILE}}}
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
            patch.delenv(name, raising=False)
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        file = s3.folder / "spec.yaml"
        tree = benchmark.spec(f"s3://{placed}/out", corpus=corpus, storage=storage)
        file.write_text(yaml.safe_dump(tree), encoding="utf-8")
        outcome = execute("explain", load_parameters(file), Console(quiet=True))
        assert outcome.finished, outcome.failures
        grant_access(StorageParameters())
    return run_of_later(outcome)


def run_of_later(outcome):
    """Root and id: who reads the run brings its own access."""
    return outcome.run.root, outcome.run.run_id


@pytest.fixture
def run(remote, s3_access):
    from tasks.runs.run import open_run

    return open_run(*remote)


def parts(run):
    return {
        (part.table, stage, block, part.sha256)
        for stage, blocks in run.commits().items()
        for block, commit in blocks.items()
        for part in commit.parts
    }


def strays(run):
    """Objects below the tables that no record names."""
    named = {
        part.key for blocks in run.commits().values() for commit in blocks.values() for part in commit.parts
    }
    return [file.key for file in run.storage.list() if parse_part(file.key) and file.key not in named]


def test_a_run_in_a_bucket_is_the_local_run_to_the_bit(run, reference):
    report = diff_runs(reference, run)
    assert report.same, report.lines
    assert report.lines == ("the same, to the bit",)
    unlike = {table for table, *_ in parts(run) ^ parts(reference)}
    assert unlike <= TIMED | {"items"}
    here, there = reference.table("items"), run.table("items")
    assert [name for name in here.column_names if not here[name].equals(there[name])] == ["fingerprint"]
    assert verify_run(run.storage, run.run_id, None) == []
    assert strays(run) == []


def test_how_the_store_is_reached_stands_nowhere_in_the_run(run, s3, placed):
    plan = json.loads(run.storage.read_bytes(plan_key(run.run_id)))
    assert "storage" not in plan["parameters"]
    assert "storage" not in json.loads(run.table("runs")["parameters"][0].as_py())
    client = s3.client()
    for key in s3.keys(placed, "out"):
        body = client.get_object(Bucket=placed, Key=key)["Body"].read()
        assert PROFILE.encode() not in body
        assert s3.endpoint_url.partition("://")[2].encode() not in body or not key.endswith(".json")
    rows = run.table("executions").to_pylist() + run.table("runs").to_pylist()
    assert PROFILE not in str(rows)
    assert s3.endpoint_url not in str(rows)


def test_pyarrow_reads_the_tables_of_a_bucket(run, reference, s3):
    import pyarrow.dataset
    import pyarrow.fs

    store = pyarrow.fs.S3FileSystem(
        endpoint_override=s3.endpoint_url, access_key=s3.access_key, secret_key=s3.secret, region="us-east-1"
    )
    found = pyarrow.dataset.dataset(
        f"{run.root.removeprefix('s3://')}/interactions", filesystem=store, partitioning="hive"
    )
    assert set(found.to_table()["run_id"].to_pylist()) == {run.run_id}
    weights = found.to_table().sort_by([(k, "ascending") for k in ("pair_id", "left_segment")])
    assert weights.num_rows == reference.table("interactions").num_rows


def test_duckdb_reads_the_tables_of_a_bucket(run, reference):
    import duckdb
    import s3fs

    connection = duckdb.connect()
    connection.register_filesystem(s3fs.S3FileSystem(skip_instance_cache=True))
    query = "SELECT count(*), sum(strength) FROM read_parquet('{}/factors/*/*.parquet', union_by_name=true)"
    count, total = connection.sql(query.format(run.root)).fetchall()[0]
    strengths = reference.table("factors")["strength"].to_pylist()
    assert count == len(strengths)
    assert total == pytest.approx(sum(strengths), rel=1e-6)


def test_commands_read_a_bucket(run, call, tmp_path, reference):
    at = ("--root", run.root)
    for words, needle in [
        (("runs", run.root), run.run_id),
        (("status", "latest", *at), f"run {run.run_id} finished"),
        (("verify", run.run_id, *at), "parts are as their records say"),
        (("show", "latest", *at, "--out", tmp_path / "show"), "R@1"),
        (("report", "latest", *at, "--out", tmp_path / "site"), "index.html"),
    ]:
        status, out, err = call(*words)
        assert status == 0, (words, err)
        assert needle in out, words
    assert (tmp_path / "site" / "index.html").stat().st_size > 1000


def test_a_second_start_computes_nothing_and_asks_little(spec, placed, remote, s3, s3_access, monkeypatch):
    with FaultProxy(s3.port) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.endpoint_url)
        outcome = explain(spec("out"))
        assert (outcome.finished, outcome.computed) == (True, 0)
        # Each table is listed once, to find what no record names.
        assert sum(proxy.requests.values()) < len(TABLES) + 73, proxy.requests
        assert outcome.run.run_id == remote[1]


@pytest.mark.slow
@pytest.mark.parametrize("runner", ["inline", "threads"])
def test_a_run_over_a_line_that_fails_is_the_same(
    spec, s3, s3_access, reference, monkeypatch, request, runner
):
    """A tenth of all requests is answered 500 or 503, late, in half, or not at all, done or not."""
    if runner == "threads":
        request.getfixturevalue("prefect_server")
    with FaultProxy(s3.port, rate=0.1, seed=7) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.endpoint_url)
        outcome = explain(
            spec(f"failing-{runner}", runner={"name": runner, "workers": 2}, blocks=BLOCKS.get(runner, {}))
        )
        assert outcome.finished, outcome.failures
    assert sum(proxy.spoiled.values()) > 0.05 * sum(proxy.requests.values())
    assert any(fault == "lost" and operation.startswith("PUT") for operation, fault in proxy.spoiled)
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3.endpoint_url)
    found = run_of(outcome)
    report = diff_runs(reference, found)
    assert report.same, report.lines
    assert verify_run(found.storage, found.run_id, None) == []
    assert strays(found) == []


@pytest.mark.slow
def test_a_server_that_comes_back_is_asked_again(s3, s3_access):
    storage = Storage(f"s3://{s3.make_bucket()}/x")
    storage.write("k", b"before")
    s3.kill()
    s3.start()
    assert storage.read_bytes("k") == b"before"
    assert storage.create("l", b"after")


def test_a_request_that_hangs_ends_in_time(s3, s3_access, monkeypatch):
    import time

    from tasks.storage.storage import StorageError, StorageOptions

    bucket = s3.make_bucket()
    monkeypatch.setattr("tasks.storage.s3_client.READ_S", 0.2)
    monkeypatch.setattr("tasks.storage.s3_client.ATTEMPTS", 2)
    monkeypatch.setattr("tasks.storage.s3_client.ROUNDS", 1)
    with FaultProxy(s3.port, rate=1, faults=("delay",), delay_s=60) as proxy:
        started = time.monotonic()
        with pytest.raises(StorageError, match="timeout"):
            Storage(f"s3://{bucket}/x", StorageOptions(proxy.endpoint_url)).read_bytes("k")
        assert time.monotonic() - started < 50  # and the answer comes after 60
    assert proxy.requests["GET"] == 2


@pytest.mark.parametrize(
    ("changes", "environment", "message"),
    [
        ({}, {"AWS_SECRET_ACCESS_KEY": "hunter2hunter2"}, "access with the key of the environment"),
        ({"output": "s3://no-such-bucket-here/out"}, {}, "no bucket 'no-such-bucket-here'; create it"),
        ({"corpus": {"images": "s3://no-such-bucket-here/x"}}, {}, "no bucket 'no-such-bucket-here'"),
        ({"storage": {"endpoint_url": "http://hunter2:hunter2@127.0.0.1:1"}}, {}, "contains credentials"),
        ({"storage": {"profile": "nobody-has-this"}}, {}, "nobody-has-this"),
        ({"storage": {"endpoint": "http://127.0.0.1:1"}}, {}, "did you mean 'endpoint_url'?"),
    ],
)
def test_what_is_wrong_with_the_store_is_one_line(
    s3_access, spec, call, tmp_path, monkeypatch, changes, environment, message
):
    from tiny_benchmark import merged

    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    file = tmp_path / "spec.yaml"
    file.write_text(yaml.safe_dump(merged(spec("never"), changes)), encoding="utf-8")
    status, out, err = call("explain", file)
    grant_access(StorageParameters())
    lines = [line for line in err.splitlines() if line.startswith("ilime: ")]
    assert (status, out) == (2, ""), err
    assert len(lines) == 1
    assert message in lines[0]
    assert "hunter2" not in err
    assert "Traceback" not in err


def test_a_granted_access_does_not_outlive_these_tests(remote):
    import os

    assert STORAGE_VARIABLE not in os.environ
