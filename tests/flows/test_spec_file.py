"""A wrong spec is said before torch or Prefect are imported, which take seconds."""

import subprocess
import sys

import pytest

SCRIPT = """
import sys
from flows.command_line import main
sys.argv = ["ilime", *sys.argv[1:]]
try:
    main()
finally:
    print(sorted({"torch", "prefect", "matplotlib"} & set(sys.modules)))
"""


@pytest.mark.parametrize("command", ["explain", "measure", "check", "plan"])
def test_a_missing_file_is_said_at_once(command, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, command, str(tmp_path / "missing.yaml")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout.strip() == "[]"
    assert "cannot read the spec" in done.stderr
