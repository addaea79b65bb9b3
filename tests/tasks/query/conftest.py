"""A small finished run, opened."""

import pytest

from tasks.runs.run import open_run

RUN, OTHER = "r000000000000000a", "r000000000000000b"


@pytest.fixture
def run(store, small, commit_run):
    commit_run(store, RUN, small, 2)
    return open_run(store.url, RUN)


@pytest.fixture
def other(run, store, small, commit_run):
    """A second run of the same output, with one pair less."""
    small["pairs"].pop()
    commit_run(store, OTHER, small, 1)
    return open_run(store.url, OTHER)
