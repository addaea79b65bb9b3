"""Places where tests of corpora write their files."""

import secrets

import pytest

from tasks.storage.storage import Storage


@pytest.fixture(params=["local", "memory"])
def root(request, tmp_path):
    return Storage(str(tmp_path / "x") if request.param == "local" else f"memory://{secrets.token_hex(8)}")
