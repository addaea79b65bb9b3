"""The demo's spec with its output on a real object store: the same tables as the local run, for every reader.

``python .ci/demo_on_s3.py demo-run`` after ``ilime demo --out demo-run``.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import pyarrow.dataset as ds
import s3fs

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "tests" / "fixtures"))

from s3_server import S3Server  # noqa: E402 - a fixture of the tests, found only now

ILIME = str(Path(sys.executable).with_name("ilime"))
READ = ("interactions", "fits", "margins", "items")


def main(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        server = S3Server(Path(scratch))
        server.start()
        try:
            os.environ |= server.environment
            root = f"s3://{server.make_bucket('explanations')}/demo"
            ilime("explain", "demo.yaml", "--set", f"output={root}", folder=folder)
            ilime("verify", "--root", root, folder=folder)
            ilime("diff", "latest", "latest", "--root", "tables", "--root-b", root, folder=folder)
            read(folder / "tables", root.removeprefix("s3://"))
        finally:
            server.kill()


def ilime(*arguments: str, folder: Path) -> None:
    print("ilime", *arguments, flush=True)
    subprocess.run([ILIME, *arguments], cwd=folder, check=True)  # noqa: S603 - our own command


def read(local: Path, remote: str) -> None:
    """As analysts do: globs, without a word of ilime's."""
    store = s3fs.S3FileSystem()
    connection = duckdb.connect()
    connection.register_filesystem(store)
    for table in READ:
        here = ds.dataset(local / table, format="parquet").count_rows()
        there = ds.dataset(f"{remote}/{table}", format="parquet", filesystem=store).count_rows()
        files = f"s3://{remote}/{table}/*/*.parquet"
        [(counted,)] = connection.sql(f"SELECT count(*) FROM read_parquet('{files}')").fetchall()  # noqa: S608
        print(f"{table}: {here} rows here, {there} by pyarrow, {counted} by DuckDB")
        if not here == there == counted > 0:
            sys.exit(f"{table} does not read alike")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
