"""A catalog of tables in an object store: no database, and addresses that DuckDB's httpfs reads."""

import json

from every import every

from tasks.query.catalog.writing import write_catalog
from tasks.runs.run import open_run
from tasks.storage.storage import Storage


def test_addresses_are_those_of_the_store(s3_storage, small, commit_run, tmp_path):
    commit_run(s3_storage, "r000000000000000a", small, 2)
    run = open_run(s3_storage.url, "latest")
    assert write_catalog(run, run.storage) == ["catalog.sql", "_dictionary.parquet", "datapackage.json"]
    text = run.storage.read_bytes("catalog.sql").decode()
    assert "LOAD httpfs" in text
    assert f"read_parquet('{s3_storage.url}/pairs/run_id={run.run_id}/part-*.parquet'" in text
    package = json.loads(run.storage.read_bytes("datapackage.json"))
    [pairs] = [one for one in package["resources"] if one["name"] == "pairs"]
    paths = pairs["path"] if isinstance(pairs["path"], list) else [pairs["path"]]
    assert every(run.storage.exists(path) for path in paths)
    elsewhere = Storage(str(tmp_path))
    assert write_catalog(run, elsewhere) == ["catalog.sql", "_dictionary.parquet"]
    assert elsewhere.read_bytes("catalog.sql").decode() == text
