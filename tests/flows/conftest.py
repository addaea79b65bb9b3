"""One real embedded server for all tests of flows."""

import os
from pathlib import Path

import pytest
from rich.console import Console


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory):
    from flows.embedded_server import prefect_environment

    os.environ.pop("PREFECT_API_URL", None)
    home: Path = tmp_path_factory.mktemp("prefect")
    with prefect_environment(home, Console(quiet=True)) as url:
        yield url
