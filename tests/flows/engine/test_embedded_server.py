"""The server that comes and goes with a command: nothing is left behind, nobody is disturbed.

Proves flows.engine.local_server, flows.engine.prefect_settings, flows.engine.server_process.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console
from tiny_benchmark import PATIENCE_S

from flows.engine.embedded_server import prefect_environment
from ilime_core.errors import InputError

RUN = """
import sys, time
from pathlib import Path
from uuid import UUID
from rich.console import Console
from flows.engine.embedded_server import prefect_environment
from flows.runners.choice import make_runner
from flows.runners.seam import StageWork
from flows.console.signals import StopSignals
from tasks.spec import RunnerParameters
from tasks.stages.block_report import BlockReport

def body(root, run_id, block):
    return BlockReport("score", block, 1)

with prefect_environment(Path(sys.argv[1]), Console()):
    from prefect import flow
    from prefect.runtime import flow_run
    from flows.flow_runs.history import wait_for_history

    @flow
    def work():
        runner, done = make_runner(RunnerParameters(name="threads"), StopSignals()), []
        runner.run_pipeline([StageWork("score", body, tuple(range(20)))], ".", "r1", done.append)
        print("recorded", wait_for_history(UUID(flow_run.id), runner.task_runs), flush=True)
        if sys.stdin.readline() == "fail\\n":
            raise SystemExit(5)

    work()

from prefect.settings import get_current_settings
print("afterwards", get_current_settings().api.url)
"""


def processes_of(home: Path) -> list[int]:
    """Processes that have the folder in their environment or on their command line."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and int(process.name) != os.getpid():
            try:
                text = (process / "environ").read_bytes() + (process / "cmdline").read_bytes()
            except OSError:
                continue
            if os.fsencode(home) in text:
                found.append(int(process.name))
    return found


def comes_to(home: Path, count: int) -> bool:
    """Whether so many processes are left in the end."""
    deadline = time.monotonic() + PATIENCE_S
    while len(processes_of(home)) != count and time.monotonic() < deadline:
        time.sleep(0.2)
    return len(processes_of(home)) == count


@pytest.fixture
def start(tmp_path):
    started = []
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    # A profile of the user's for another server, which must not be asked.
    user = tmp_path / "user" / ".prefect"
    user.mkdir(parents=True)
    (user / "profiles.toml").write_text('[profiles.work]\nPREFECT_API_URL = "http://127.0.0.1:9/api"\n')
    environment |= {"HOME": str(user.parent), "PREFECT_PROFILE": "work"}

    def begin():
        process = subprocess.Popen(
            [sys.executable, "-c", RUN, str(tmp_path)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def wait_until_recorded(process):
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("recorded"):
            assert line == "recorded 20\n"
            return
    raise AssertionError("".join(lines) + process.stderr.read())


@pytest.mark.slow
def test_two_at_once_and_neither_leaves_a_process_behind(start, tmp_path):
    first, second = start(), start()
    wait_until_recorded(first)
    wait_until_recorded(second)
    assert len(processes_of(tmp_path)) == 4
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert comes_to(tmp_path, 2)
    out, err = second.communicate("\n", timeout=PATIENCE_S)
    assert (second.returncode, err) == (0, "")
    assert out == "afterwards http://127.0.0.1:9/api\n"
    assert comes_to(tmp_path, 0)
    assert len(list((tmp_path / "executions").iterdir())) == 2


@pytest.mark.slow
def test_a_flow_that_ends_badly_leaves_no_process_behind(start, tmp_path):
    process = start()
    wait_until_recorded(process)
    process.communicate("fail\n", timeout=PATIENCE_S)
    assert process.returncode == 5
    assert comes_to(tmp_path, 0)


def test_a_given_server_is_used_and_none_is_started(tmp_path, prefect_server):
    with prefect_environment(tmp_path / "home", Console(quiet=True)) as url:
        assert url == prefect_server
    assert not (tmp_path / "home").exists()
    assert os.environ["PREFECT_API_URL"] == prefect_server


def test_the_servers_password_is_needed(prefect_server):
    import httpx
    from prefect.client.orchestration import get_client

    assert httpx.post(f"{prefect_server}/flows/count", trust_env=False).status_code == 401
    with get_client(sync_client=True) as client:
        assert client.request("POST", "/flows/count", json={}).status_code == 200


ENTER = """
from rich.console import Console
from flows.engine.embedded_server import prefect_environment
from ilime_core.errors import InputError
try:
    with prefect_environment(None, Console(quiet=True)):
        print("entered")
except InputError as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "answers with status 401: set PREFECT_API_AUTH_STRING"),
        (
            {"PREFECT_API_URL": "http://name:hunter2@127.0.0.1:1/api"},
            "http://127.0.0.1:1/api: `prefect server start` it",
        ),
        (
            {"PREFECT_API_URL": "http://10.0.0.0:1/api", "ALL_PROXY": "socks5://127.0.0.1:9"},
            "pip install 'httpx[socks]', or unset ALL_PROXY",
        ),
        ({"PREFECT_CLIENT_MAX_RETRIES": "hunter2"}, "PREFECT_CLIENT_MAX_RETRIES: Input should be a valid"),
    ],
)
def test_what_is_wrong_with_a_given_server_is_said_in_one_line(tmp_path, prefect_server, changes, said):
    # In a process of its own: the settings of this one are those of the tests' server.
    given = {"PREFECT_API_URL": prefect_server, "PREFECT_API_AUTH_STRING": "ilime:hunter2"} | changes
    child = subprocess.run(
        [sys.executable, "-c", ENTER],
        env=os.environ | given | {"PREFECT_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE_S,
    )
    assert said in child.stdout
    assert "hunter2" not in child.stdout + child.stderr
    assert len(child.stdout.splitlines()) == 1
    assert child.stderr == ""


def test_a_home_that_cannot_be_written_to_is_named(tmp_path, monkeypatch):
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(InputError, match=rf"Got {tmp_path}/file/home .*Not a directory"),
        prefect_environment(tmp_path / "file" / "home", Console(quiet=True)),
    ):
        pass


def test_a_server_that_ends_is_named_with_its_last_line(tmp_path, monkeypatch):
    from flows.engine import local_server

    broken = tmp_path / "broken.py"
    broken.write_text("import sys; sys.exit('no such table: flow')")
    monkeypatch.setattr(local_server, "PROGRAM", broken)
    monkeypatch.setattr(local_server, "_ROOM", 2**80)
    said = r"ended with status 1 \(no such table: flow\)\. Its disk is full: [\d.]+ MiB are free"
    with (
        pytest.raises(local_server.EngineError, match=said),
        local_server.local_server(tmp_path) as server,
    ):
        server.wait(Console(quiet=True))


def test_a_silent_server_is_not_awaited_for_ever(tmp_path, monkeypatch):
    from flows.engine import local_server

    silent = tmp_path / "silent.py"
    silent.write_text("import time; time.sleep(60)")
    monkeypatch.setattr(local_server, "PROGRAM", silent)
    with (
        pytest.raises(local_server.EngineError, match="has not answered for 0 s"),
        local_server.local_server(tmp_path) as server,
    ):
        server.wait(Console(quiet=True), timeout_s=0.3)
    assert server.process.returncode == -signal.SIGTERM
