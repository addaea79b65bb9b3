"""Blocks of docs/tutorials that are marked "run", run in order as a reader would.

python .ci/tutorials.py                  # all pages
python .ci/tutorials.py first nightly    # some
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]
ENDS_ITS_JOBS = "trap 'jobs -p | xargs -r kill' EXIT\n"
"""A worker that a page starts in the background ends with the page."""
sys.path.append(str(TOP / "tests" / "fixtures"))

from s3_server import S3Server, free_ports  # noqa: E402 - a fixture of the tests, found only now

PAGES = ("first", "own_folder", "bucket", "nightly", "which_method", "compare_models")
"""In the order in which a reader meets them: bucket and nightly need what own_folder has left."""

BLOCK = re.compile(r"^```(sh|python) run\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def program(page: Path) -> str:
    """All blocks of a page as one program of bash."""
    blocks = BLOCK.findall(page.read_text(encoding="utf-8"))
    if not blocks:
        sys.exit(f"{page}: no block is marked to be run")
    return "\n".join(
        body if language == "sh" else f"python - <<'END_OF_PYTHON'\n{body}END_OF_PYTHON"
        for language, body in blocks
    )


def main(names: list[str]) -> None:
    """End with status 1 at the first page that fails, and show what it printed."""
    with tempfile.TemporaryDirectory() as scratch:
        server = S3Server(Path(scratch) / "store")
        server.start()
        server.make_bucket("bench")
        known = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PREFECT_HOME": f"{scratch}/prefect",
            "PREFECT_SERVER_API_PORT": str(free_ports(1)[0]),
        }
        folder = Path(scratch) / "reader"
        folder.mkdir()
        try:
            for name in names:
                start = time.perf_counter()
                done = subprocess.run(  # noqa: S603 - our own pages
                    [
                        "/usr/bin/env",
                        "bash",
                        "-euo",
                        "pipefail",
                        "-c",
                        ENDS_ITS_JOBS + program(TOP / "docs" / "tutorials" / f"{name}.md"),
                    ],
                    cwd=folder,
                    env=os.environ | server.environment | known,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                    check=False,
                )
                print(f"{name}: {time.perf_counter() - start:.0f} s, status {done.returncode}", flush=True)
                if done.returncode:
                    sys.exit(done.stdout)
        finally:
            server.kill()


if __name__ == "__main__":
    main(sys.argv[1:] or list(PAGES))
