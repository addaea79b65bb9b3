import os
import time
from pathlib import Path

import pytest
from rich.console import Console

from flows.engine.embedded_server import prefect_environment
from flows.engine.server_ahead import server_ahead


@pytest.fixture(autouse=True)
def _own_server(monkeypatch):
    monkeypatch.delenv("PREFECT_API_URL", raising=False)


def test_the_server_that_was_started_ahead_is_the_one_that_answers(tmp_path):
    with server_ahead("threads", tmp_path) as server:
        assert server.process.poll() is None
        with prefect_environment(tmp_path, Console(quiet=True), server) as url:
            assert url == server.url
            assert len(list((tmp_path / "executions").iterdir())) == 1
        assert server.process.poll() is None
    assert server.process.poll() is not None


def test_a_server_that_nobody_has_used_is_killed_at_once(tmp_path):
    with server_ahead("threads", tmp_path) as server:
        started = time.monotonic()
    assert time.monotonic() - started < 1
    assert server.process.returncode == -9


@pytest.mark.parametrize(("runner", "given"), [("inline", ""), ("threads", "http://127.0.0.1:9/api")])
def test_none_is_started_where_none_is_needed(tmp_path, monkeypatch, runner, given):
    if given:
        monkeypatch.setenv("PREFECT_API_URL", given)
    with server_ahead(runner, tmp_path) as server:
        assert server is None
    assert not list(tmp_path.iterdir())


def test_a_home_that_cannot_be_written_to_is_said_only_by_who_needs_it(tmp_path):
    (tmp_path / "file").write_text("")
    with server_ahead("threads", tmp_path / "file") as server:
        assert server is None


def test_an_environment_of_the_user_is_not_handed_to_the_server(tmp_path, monkeypatch):
    monkeypatch.setenv("PREFECT_API_KEY", "secret of another server")
    with server_ahead("threads", tmp_path) as server:
        environment = Path(f"/proc/{server.process.pid}/environ").read_bytes()
    assert b"another server" not in environment
    assert os.environ["PREFECT_API_KEY"]
