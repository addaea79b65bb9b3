"""Output that is closed, full or of another encoding costs lines, and neither work nor the exit status."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tiny_benchmark import environment

from flows.console.standard_streams import GuardedOutput

ILIME = Path(sys.executable).with_name("ilime")


def shell(home, command, **further):
    """A command of a shell; ``ilime`` in it is ours."""
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", command.replace("ilime", str(ILIME), 1)],
        env=environment(home, **further), cwd=home, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("to", "reason"),
    [(">/dev/full", "No space left on device"), (">&-", "it is closed")],
)
def test_lost_lines_that_were_all_there_is(home, to, reason):
    done = shell(home, f"ilime --help {to}")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == (
        f"ilime: standard output cannot be written ({reason}): what was asked for is lost; make room or open "
        "it, and ask again\n"
    )


def test_a_reader_that_has_enough_is_no_fault(home):
    # The pipe's other end is closed before anything is written.
    done = shell(home, "ilime --help | true")
    assert (done.returncode, done.stderr) == (0, "")


def test_closed_streams_hide_nothing_in_a_file(home, tmp_path):
    """Descriptors that are closed would be those of the files that are opened next."""
    done = shell(home, f"ilime init --images {tmp_path} --format photographs --out s.yaml <&- >&- 2>&-")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "")
    assert not (home / "s.yaml").exists()


@pytest.mark.parametrize("to", [">/dev/full", "2>/dev/full >/dev/null"])
def test_work_is_kept_and_its_place_named(home, benchmark, tmp_path, to):
    out = tmp_path / "spec.yaml"
    command = f"--images {benchmark.images} --annotations {benchmark.annotations} --out {out}"
    done = shell(home, f"ilime init {command} {to}")
    assert done.returncode == 0, done.stderr
    assert out.read_text().startswith("# Corpus: karpathy")
    lines = done.stderr.splitlines()
    kept = [f"all work is kept; wrote {out}; try it" in line for line in lines]
    assert kept == ([] if "2>" in to else [True])


@pytest.mark.parametrize(("coding", "said"), [("latin-1", rb"\u732b-"), ("ascii", b"-")])
def test_any_encoding_takes_any_text(home, tmp_path, coding, said):
    done = subprocess.run(
        [ILIME, "runs", tmp_path / "猫-é"],
        env=environment(home, PYTHONIOENCODING=coding, LC_ALL="xx_YY"),
        capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"no runs below")
    assert said in done.stdout


def test_what_follows_a_fault_is_kept_in_mind():
    with Path("/dev/full").open("wb", buffering=0) as full:
        guarded = GuardedOutput(full.fileno())
        text = io.TextIOWrapper(io.BufferedWriter(guarded), "ascii", "backslashreplace")
        print("tables: é", file=text, flush=True)
        print("look", file=text, flush=True)
    assert guarded.reason == "No space left on device"
    assert guarded.lost.splitlines() == [r"tables: \xe9", "look"]
    assert not guarded.reader_left


def test_a_write_that_takes_a_part_is_gone_on_with():
    read, write = os.pipe()
    guarded = GuardedOutput(write)
    os.set_blocking(write, True)
    with os.fdopen(read, "rb") as other, io.BufferedWriter(guarded) as stream:
        stream.write(b"x" * 1000)
        stream.flush()
        assert other.read(1000) == b"x" * 1000
    os.close(write)
    assert guarded.reason == ""
