"""Tests about tests: what may not be written, because it cannot fail."""

import re
from pathlib import Path

import pytest
from every import every

FILES = sorted(Path(__file__).parent.rglob("test_*.py"))
EMPTY = re.compile(r"\bassert all\(")


def test_nothing_is_proved_by_an_empty_list():
    """Use ``every`` of tests/fixtures, which wants at least one."""
    own = Path(__file__)
    found = [str(file) for file in FILES if file != own and EMPTY.search(file.read_text(encoding="utf-8"))]
    assert len(FILES) > 100
    assert not found


def test_every_wants_one_and_all():
    assert every([True, 1])
    assert not every([True, 0])
    with pytest.raises(AssertionError, match="nothing was checked"):
        every([])
