"""A finished run with a selection, and further selections on it."""

import pytest
import torch
from selected_runs import BASE, finished
from tiny_benchmark import make_benchmark, merged


@pytest.fixture(scope="session")
def corpus(tmp_path_factory):
    torch.set_num_threads(1)
    return make_benchmark(tmp_path_factory.mktemp("select") / "corpus", n_images=3)


@pytest.fixture(scope="session")
def run(corpus, tmp_path_factory):
    return finished(corpus.spec(tmp_path_factory.mktemp("tables"), **BASE))


@pytest.fixture(scope="session")
def changed(corpus, tmp_path_factory):
    """Rows of a further selection on a finished run."""
    root = tmp_path_factory.mktemp("changed")
    before = set(finished(corpus.spec(root, **merged(BASE, {"selection": {"methods": []}}))).commits())

    def rows(table="selections", **change):
        run = finished(corpus.spec(root, **merged(BASE, {"selection": change})), "measure")
        own = {stage.removeprefix("select-") for stage in run.commits().keys() - before}
        before.update(run.commits())
        return [row for row in run.table(table).to_pylist() if row["selection_id"] in own]

    return rows
