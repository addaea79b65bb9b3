"""One real embedded server for all tests of flows, and one finished run of a tiny benchmark."""

import os
import sys
from pathlib import Path

import pytest
from rich.console import Console

FIXTURES = Path(__file__).parent.parent / "fixtures"
sys.path.append(str(FIXTURES))
os.environ["ILIME_PLUGINS"] = "planted_plugin"


@pytest.fixture(scope="session", autouse=True)
def prefect_home(tmp_path_factory):
    """One for all processes of the tests: from its first server others get their empty database."""
    from tiny_benchmark import prefect_homes

    base = tmp_path_factory.getbasetemp()
    os.environ["XDG_STATE_HOME"] = str(base / "state")  # logs of blocks that tests let fail
    home = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "prefect"
    home.mkdir(exist_ok=True)
    prefect_homes[:] = [home]
    return home


@pytest.fixture(scope="session")
def prefect_server(prefect_home):
    from flows.engine.embedded_server import prefect_environment

    os.environ.pop("PREFECT_API_URL", None)
    with prefect_environment(prefect_home, Console(quiet=True)) as url:
        yield url


@pytest.fixture(scope="session")
def benchmark(tmp_path_factory):
    """Four pictures with two captions each; tests that change files copy it first."""
    import torch
    from tiny_benchmark import make_benchmark

    torch.set_num_threads(1)  # as in the child processes whose bits are compared with those of this one
    return make_benchmark(tmp_path_factory.mktemp("benchmark") / "corpus")


@pytest.fixture(scope="session")
def reference(benchmark, tmp_path_factory):
    """A finished inline run of the tiny benchmark; only to be read."""
    from tiny_benchmark import explain, run_of

    outcome = explain(benchmark.spec(tmp_path_factory.mktemp("reference")))
    assert outcome.finished, outcome.failures
    return run_of(outcome)


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    """State folder of child processes; sharing it makes their servers start from a kept database."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def call(monkeypatch, capsys):
    """The command line in this process: exit status, standard output, standard error."""

    def run(*arguments: object) -> tuple[int, str, str]:
        from flows.command_line import main

        monkeypatch.setattr(sys, "argv", ["ilime", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
        return end.value.code, *capsys.readouterr()

    return run
