"""Which Pythons will do is said in one place, and before anything is installed."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OLD = """#!/bin/sh
case "$2" in
  *platform*) echo 3.9.18 ;;
  *version_info*) exit 1 ;;
esac
"""


def asked(path, *arguments, home="/nowhere"):
    environment = {"PATH": f"{path}:/usr/bin:/bin", "HOME": str(home)}
    return subprocess.run(
        [ROOT / ".ci" / "fit_python", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def path(tmp_path):
    """A folder of programs where ``python3`` is too old and ``python3.11`` is not."""
    (tmp_path / "python3").write_text(OLD)
    (tmp_path / "python3").chmod(0o755)
    # As a script: a link would lose the interpreter's own folder.
    (tmp_path / "python3.11").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (tmp_path / "python3.11").chmod(0o755)
    return tmp_path


def test_a_python_that_is_too_old_is_refused_before_pip_sees_it(path):
    refused = asked(path, "python3")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == (
        "ilime needs Python 3.11 to 3.14 with venv; python3 is 3.9.18.\n"
        "Say which: make PYTHON=python3.11 ...\n"
    )
    assert asked(path, "python3.11").stdout == "python3.11\n"


def test_the_first_that_fits_is_found(path):
    assert asked(path).stdout == "python3.11\n"


def test_make_asks_before_it_makes_an_environment(path, tmp_path):
    (tmp_path / ".ci").symlink_to(ROOT / ".ci")
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        (tmp_path / name).write_text((ROOT / name).read_text())
    ours = {name: value for name, value in os.environ.items() if name != "PYTHON" and "MAKE" not in name}
    environment = ours | {"PATH": f"{path}:{os.environ['PATH']}"}
    made = subprocess.run(
        ["make", "-C", tmp_path, "lint"], env=environment, capture_output=True, text=True, check=False
    )
    assert made.returncode != 0
    assert "ilime needs Python 3.11 to 3.14" in made.stderr
    assert not (tmp_path / ".venv").exists()


def test_the_readme_names_the_range_of_the_package():
    requires = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert requires == ">=3.11,<3.15"
    assert "Python 3.11 to 3.14" in (ROOT / "README.md").read_text()
