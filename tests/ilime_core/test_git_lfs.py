"""Detection of Git LFS pointer files."""

import pytest

from ilime_core.git_lfs import is_pointer

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"


@pytest.mark.parametrize(
    ("data", "expected"), [(POINTER, True), (b" " + POINTER, False), (b"\x89PNG\r\n", False), (b"", False)]
)
def test_a_pointer_begins_with_the_version_line(data, expected):
    assert is_pointer(data) is expected
