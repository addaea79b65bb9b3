"""Only regular files are opened, and nothing that is none is waited for."""

import errno
import os
from pathlib import Path

import pytest

from ilime_core.regular_file import IrregularFileError, open_regular, read_regular


@pytest.fixture
def pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "pipe"


def test_a_regular_file_is_read_and_its_reader_waits_as_any_other(tmp_path):
    (tmp_path / "a").write_bytes(b"12345")
    (tmp_path / "link").symlink_to("a")
    assert read_regular(tmp_path / "link") == b"12345"
    with open_regular(tmp_path / "a") as stream:
        assert os.get_blocking(stream.fileno())
        stream.seek(3)
        assert stream.read() == b"45"


@pytest.mark.parametrize(
    ("place", "kind"), [("/dev/zero", "a device"), ("/", "a folder"), (None, "a named pipe")]
)
def test_what_is_no_file_is_named(pipe, place, kind):
    handles = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(IrregularFileError, match=f"it is {kind} and no regular file"):
        open_regular(Path(place) if place else pipe)
    assert len(list(Path("/proc/self/fd").iterdir())) == handles


def test_absence_is_said_as_ever(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        open_regular(tmp_path / "absent")
    assert caught.value.errno == errno.ENOENT
