"""Place where tests of corpora write their files."""

import pytest

from tasks.storage.storage import Storage


@pytest.fixture
def root(tmp_path):
    return Storage(str(tmp_path / "x"))
