"""Items as the embed stage knows them."""

import numpy as np
import pytest

from tasks.runs.items import Item
from tasks.storage.storage import Storage


@pytest.fixture
def image():
    def make(uri, external_id="0"):
        return Item(0, "image", uri, None, None, None, external_id, None, "i0", "", np.zeros(2))

    return make


@pytest.fixture
def text():
    def make(caption, external_id="0"):
        return Item(1, "text", "captions.json", "0", None, None, external_id, caption, "t0", "", np.zeros(2))

    return make


@pytest.fixture
def root(tmp_path):
    return Storage(str(tmp_path / "x"))
