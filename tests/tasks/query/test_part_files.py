from threading import Thread

import pytest

from tasks.query.part_files import PartFiles, glob_of


def test_files_are_those_that_records_name_and_one_with_the_columns(run, store):
    (parts := [one.key for one in store.list("pairs/")]).sort()
    store.write(f"pairs/run_id={run.run_id}/part-9.parquet", b"not ours")
    files = PartFiles([run])
    found = files.glob(glob_of("pairs", run.run_id))
    assert found[0].endswith("columns.parquet")
    assert len(found) == 1 + len(parts)
    assert files.info(found[1])["size"] == store.stat(parts[0]).size


def test_runs_of_the_current_schema_do_not_differ(run, monkeypatch):
    assert not PartFiles([run]).differ("pairs", run.run_id)
    monkeypatch.setattr("tasks.query.part_files.SCHEMA_VERSION", "4.99")
    commits = [one for blocks in run.commits().values() for one in blocks.values()]
    assert PartFiles([run]).differ("pairs", "*") is any("tables" in one.versions for one in commits)


@pytest.mark.parametrize(
    "name", ["pairs", "pairs/run_id=x", "nothing/run_id=x/part-000000.parquet", "a/b/c/d"]
)
def test_other_names_are_no_files(run, name):
    with pytest.raises(FileNotFoundError):
        PartFiles([run]).info(name)


def test_files_cannot_be_written(run):
    with pytest.raises(OSError, match="read only"):
        PartFiles([run]).open(f"pairs/run_id={run.run_id}/part-000000.parquet", "wb")


def test_threads_that_share_a_file_have_a_position_each(run):
    files = PartFiles([run])
    with files.open(files.glob(glob_of("interactions", run.run_id))[1], "rb") as stream:
        whole = stream.read()
        stream.seek(10)
        other = Thread(target=lambda: (stream.seek(4), stream.read(3)))
        other.start()
        other.join()
        assert stream.tell() == 10
        assert stream.read(5) == whole[10:15]
        assert stream.seek(-4, 2) == len(whole) - 4
        assert stream.read() == b"PAR1"
