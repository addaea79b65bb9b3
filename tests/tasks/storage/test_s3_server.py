"""Test server of S3: as strict as a real one, and ended with the process that started it."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

STARTS = """
import os, signal, sys
sys.path.append(sys.argv[1])
from pathlib import Path
from s3_server import S3Server
server = S3Server(Path(sys.argv[2]))
server.start()
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_wrong_secret_is_refused(s3):
    import botocore.session
    from botocore.exceptions import ClientError

    bucket = s3.make_bucket()
    s3.client().put_object(Bucket=bucket, Key="a", Body=b"1")
    wrong = botocore.session.Session().create_client(
        "s3",
        region_name="us-east-1",
        endpoint_url=s3.endpoint_url,
        aws_access_key_id=s3.access_key,
        aws_secret_access_key="wrong",
    )
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        wrong.get_object(Bucket=bucket, Key="a")
    assert s3.keys(bucket) == ["a"]


@pytest.mark.slow
def test_no_server_outlives_a_killed_process(tmp_path):
    fixtures = Path(__file__).parents[2] / "fixtures"
    child = subprocess.run(
        [sys.executable, "-c", STARTS, str(fixtures), str(tmp_path)], check=False, timeout=120
    )
    assert child.returncode == -9
    deadline = time.monotonic() + 10
    while (left := _servers_of(tmp_path)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == []
    assert (tmp_path / "server.log").stat().st_size > 0


def _servers_of(folder: Path) -> list[int]:
    found = []
    for process in Path("/proc").iterdir():
        try:
            if process.name.isdigit() and os.fsencode(folder) in (process / "cmdline").read_bytes():
                found.append(int(process.name))
        except OSError:
            continue
    return found
