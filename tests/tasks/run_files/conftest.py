"""Storage in a folder and in a bucket."""

import pytest

from tasks.storage.storage import Storage


@pytest.fixture(params=["local", "s3"])
def storage(request, tmp_path):
    return Storage(str(tmp_path)) if request.param == "local" else request.getfixturevalue("s3_storage")
