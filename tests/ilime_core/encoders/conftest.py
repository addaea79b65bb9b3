"""Small models of the transformers library, made once."""

import pytest
import torch
from tiny_transformers import MAKERS


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Folder and network of each kind; only to be read."""
    torch.set_num_threads(1)
    made = {}
    for name, make in MAKERS.items():
        folder = tmp_path_factory.mktemp(name)
        made[name] = folder, make(folder)
    return made
