"""A finished run, and a measurement of it by many metrics."""

import pytest
import torch
from measured_runs import BASE, SECTION, measured
from tiny_benchmark import explain, make_benchmark


@pytest.fixture(scope="session")
def corpus(tmp_path_factory):
    torch.set_num_threads(1)
    return make_benchmark(tmp_path_factory.mktemp("measured") / "corpus", n_images=4)


@pytest.fixture(scope="session")
def spec_of(corpus, tmp_path_factory):
    root = tmp_path_factory.mktemp("tables")

    def spec(section=None, **changes):
        return corpus.spec(root, **(BASE | changes), faithfulness={"sample": 0} | (section or {}))

    assert explain(spec()).finished
    return spec


@pytest.fixture(scope="session")
def everything(spec_of):
    return measured(spec_of(SECTION))
