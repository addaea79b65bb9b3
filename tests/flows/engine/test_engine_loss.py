"""A Prefect server that is lost costs history: said within seconds, and the run goes on.

Proves flows.engine.engine_watch, flows.engine.prefect_clients, flows.engine.prefect_profile,
flows.flow_runs.command_line_flows.
"""

import json
import os
import signal
import socket
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from killing import commits_below, start
from rich.console import Console
from tiny_benchmark import LEAN

from flows.console.log_lines import LogLines
from flows.engine import engine_watch
from flows.engine.engine_watch import Silence, server_lost, watched
from flows.engine.local_server import EngineError
from flows.engine.prefect_profile import named_server
from tasks.runs.run import open_run


@pytest.fixture
def lost(monkeypatch):
    monkeypatch.setattr(engine_watch, "_lost", ["was killed by signal 9"])


def test_a_loss_is_told_once_and_known_afterwards(monkeypatch):
    monkeypatch.setattr(engine_watch, "EVERY_S", 0.01)
    monkeypatch.setattr(engine_watch, "_lost", [])
    answers, told = iter(["", "", "has ended"]), []
    with watched(lambda: next(answers), told.append):
        deadline = time.monotonic() + 10
        while not told and time.monotonic() < deadline:
            time.sleep(0.01)
    assert told == ["has ended"]
    assert server_lost() == "has ended"
    with watched(lambda: "", told.append):
        assert server_lost() == ""


def test_silence_is_refused_connections_and_no_slow_answer(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        silence = Silence(f"http://127.0.0.1:{listener.getsockname()[1]}/api/health", direct=True)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert silence() == ""
    monkeypatch.setattr(engine_watch, "SILENT_S", 0.0)
    assert silence() == "has not answered for 0 s"


def test_requests_end_at_once_when_the_server_is_lost(prefect_server, lost):
    from prefect.client.orchestration import get_client

    begun = time.monotonic()
    with get_client(sync_client=True) as client, pytest.raises(EngineError, match="was killed by signal 9"):
        client.request("POST", "/flows/count", json={})
    assert time.monotonic() - begun < 2


def test_a_servers_own_machine_needs_no_proxy(prefect_server, monkeypatch):
    from prefect.client.orchestration import get_client

    for name in ("ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "socks5://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "[::1, ,*x")
    with get_client(sync_client=True) as client:
        assert client.request("POST", "/flows/count", json={}).status_code == 200


@pytest.mark.parametrize("worked", [True, False])
def test_what_prefect_fails_of_matters_only_before_the_work_is_done(
    prefect_server, monkeypatch, capsys, worked
):
    import httpx

    from flows.flow_runs import command_line_flows as prefect_flows

    def fail(**_):
        raise httpx.ConnectError("Connection\nrefused")

    monkeypatch.setattr(prefect_flows, "explain", fail)
    log = LogLines(Console(stderr=True, width=200))
    session = SimpleNamespace(kind="explain", worked=worked, error=None, log=log)
    if worked:
        prefect_flows.run_as_flow(session)
        said = json.loads(capsys.readouterr().err)
        assert said["level"] == "warning"
        assert said["message"].startswith("ilime: the work is done, and Prefect's history of it is not whole")
    else:
        with pytest.raises(EngineError, match=r"^Prefect's server or client fails: Connection refused$"):
            prefect_flows.run_as_flow(session)


URL = 'PREFECT_API_URL = "http://me:hunter2@prefect:4200/api"'


@pytest.mark.parametrize(
    ("text", "chosen", "found"),
    [
        (f'active = "work"\n[profiles.work]\n{URL}', "", ("work", "http://prefect:4200/api")),
        (f'active = "home"\n[profiles.home]\n[profiles.work]\n{URL}', "", None),
        (f'active = "home"\n[profiles.work]\n{URL}', "work", ("work", "http://prefect:4200/api")),
        ('active = 3\nprofiles = "none"', "", None),
        ("!!garbage", "", None),
        (None, "work", None),
    ],
)
def test_a_profile_that_names_a_server_is_found(tmp_path, monkeypatch, text, chosen, found):
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    monkeypatch.delenv("PREFECT_PROFILES_PATH", raising=False)
    monkeypatch.setenv("PREFECT_PROFILE", chosen)
    if text is not None:
        (tmp_path / "profiles.toml").write_text(text)
    assert named_server() == found


@pytest.mark.slow
def test_a_run_goes_on_when_its_server_is_killed(benchmark, home, tmp_path):
    model = {"factory": "paced_plugin:make"}
    spec = benchmark.write_spec(
        tmp_path / "spec.yaml", tmp_path / "tables", runner={"name": "threads"}, model=model, **LEAN
    )
    ilime = [Path(sys.executable).with_name("ilime"), "explain", spec]
    pace = {"PACED_IMAGES": "100", "PACED_TEXTS": "200", "ILIME_PLUGINS": "paced_plugin"}
    process = start(ilime, home, **pace)
    try:
        deadline = time.monotonic() + 120
        while commits_below(tmp_path / "tables") < 9 and time.monotonic() < deadline:
            time.sleep(0.05)
        [server] = [int(pid) for pid in _children(process.pid) if b"server_process.py" in _command(pid)]
        os.kill(server, signal.SIGKILL)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0, err
    lines = [json.loads(line) for line in err.splitlines()]
    [said] = [line["message"] for line in lines if line["event"] == "server-lost"]
    assert said.startswith("ilime: the Prefect server was killed by signal 9; the run goes on without it")
    run = open_run(str(tmp_path / "tables"), "latest")
    assert run.finished
    assert run.table("executions")["status"].to_pylist() == ["finished"]
    assert "tables: " in out


def _children(pid):
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def _command(pid):
    return Path(f"/proc/{pid}/cmdline").read_bytes()
