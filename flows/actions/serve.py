"""A local Prefect server and worker with the demo deployed: ``ilime serve``."""

import json
import os
import shlex
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import click

from flows.actions.demo import demo_parameters
from flows.engine.local_server import EngineError
from flows.exit_status import DONE
from ilime_core.errors import InputError
from tasks.run_files.suggested_commands import program

__all__ = ["Site", "serve_demo", "serving"]

POOL = "ilime-local"
START_TIMEOUT_S = 180.0
STOP_TIMEOUT_S = 40.0
"""A worker lets its flow runs end in order; they get 20 s for running blocks."""


@dataclass(frozen=True, slots=True)
class Site:
    """A running server, its folder for logs and database, and the work pool that its worker serves."""

    folder: Path
    port: int
    variables: Mapping[str, str] = field(default_factory=dict)
    """Environment of server, worker and flow runs, beside that of this process."""

    @property
    def url(self) -> str:
        """Address of the API."""
        return f"http://127.0.0.1:{self.port}/api"

    @property
    def environment(self) -> dict[str, str]:
        """Environment of Prefect's commands, without Prefect variables of this process."""
        mine = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
        return (
            mine
            | {
                "DO_NOT_TRACK": "1",
                "NO_PROXY": "127.0.0.1",
                "no_proxy": "127.0.0.1",
                "PREFECT_API_URL": self.url,
                "PREFECT_HOME": str(self.folder),
                "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
                "PREFECT_CLI_PROMPT": "false",
                "PREFECT_WORKER_QUERY_SECONDS": "2",  # a person waits for the first run
            }
            | dict(self.variables)
        )

    def command(self, *arguments: str) -> None:
        """Run a command of Prefect to its end.

        Raises
        ------
        EngineError
            If it fails; with the last line that it said.
        """
        done = subprocess.run(  # noqa: S603 - our own program and our own arguments
            [sys.executable, "-P", "-m", "prefect", *arguments],
            env=self.environment, cwd=self.folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            said = (done.stderr or done.stdout).strip().splitlines()[-1:]
            raise EngineError(f"prefect {arguments[0]} failed: {' '.join(said)}")

    def deploy(self, entrypoint: str, name: str, parameters: Mapping[str, object]) -> None:
        """Deploy a flow from a ``prefect.yaml`` in the folder, where it may be read and copied.

        Parameters
        ----------
        entrypoint
            ``module.flow``, importable by the worker.
        name
            Name of the deployment.
        parameters
            Default parameters of the flow.
        """
        deployment = {
            "name": name,
            "entrypoint": entrypoint,
            "work_pool": {"name": POOL},
            "concurrency_limit": {"limit": 1, "collision_strategy": "CANCEL_NEW"},
            "parameters": dict(parameters),
        }
        file = self.folder / "prefect.yaml"  # JSON is YAML
        file.write_text(
            json.dumps({"name": "ilime", "pull": [], "deployments": [deployment]}, indent=2), encoding="utf-8"
        )
        self.command("deploy", "--all", "--prefect-file", str(file))


@contextmanager
def serving(site: Site) -> Generator[Site]:
    """Start a server with its UI, and a worker that runs one flow at a time; both end with the block.

    Raises
    ------
    EngineError
        If one of them does not start.
    """
    with _child(site, "server", "start", "--host", "127.0.0.1", "--port", str(site.port)) as server:
        _await(site, "health", server, "server")
        with _child(site, "worker", "start", "--pool", POOL, "--type", "process", "--limit", "1") as worker:
            _await(site, f"work_pools/{POOL}", worker, "worker")
            try:
                yield site
            finally:
                _cancel_runs(site)


def serve_demo(out: str, port: int) -> int:
    """Serve until Ctrl-C or SIGTERM.

    Parameters
    ----------
    out
        Folder of the demo, the server's database and the logs.
    port
        Port of the server on 127.0.0.1.

    Returns
    -------
    int
        Exit status, always 0.
    """
    folder = Path(out).resolve()
    parameters = demo_parameters(folder)
    site = Site(folder / "prefect", port)
    try:
        site.folder.mkdir(exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: cannot be written ({error.strerror}); choose another --out") from error
    end = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: end.set())
    click.echo("starting a Prefect server and a worker: about half a minute ...", err=True)
    with serving(site):
        spec = parameters.model_dump(mode="json")
        site.deploy("flows.deployed.explain", "demo", {"spec": spec})
        click.echo(f"Prefect: http://127.0.0.1:{port}")
        command = f"{shlex.quote(program('prefect'))} deployment run 'ilime explain/demo'"
        click.echo(f"run it: PREFECT_API_URL={site.url} {command}")
        click.echo(f"tables: {parameters.output}")
        click.echo("Ctrl-C ends the server and the worker")
        end.wait()
        click.echo("stopping; a flow run gets 20 s for its running blocks", err=True)
    return DONE


@contextmanager
def _child(site: Site, *arguments: str) -> Generator["subprocess.Popen[bytes]"]:
    log = (site.folder / f"{arguments[0]}.log").open("ab")
    with log:
        process = subprocess.Popen(  # noqa: S603 - as above
            [sys.executable, "-P", "-m", "flows.engine.child_process", str(os.getpid()), *arguments],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            env=site.environment, cwd=site.folder, start_new_session=True,
        )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_TIMEOUT_S)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _cancel_runs(site: Site) -> None:
    """Let flow runs end in order: a worker that is stopped leaves them to die as they are."""
    at_work = {"flow_runs": {"state": {"type": {"any_": ["PENDING", "RUNNING", "CANCELLING"]}}}}
    deadline = time.monotonic() + STOP_TIMEOUT_S
    asked: set[str] = set()
    with suppress(urllib.error.URLError, ConnectionError, TimeoutError):
        while (runs := _post(site, "flow_runs/filter", at_work)) and time.monotonic() < deadline:
            for run in [str(run["id"]) for run in runs if run["id"] not in asked]:
                asked.add(run)
                _post(site, f"flow_runs/{run}/set_state", {"state": {"type": "CANCELLING"}})
            time.sleep(0.5)


def _post(site: Site, path: str, body: Mapping[str, object]) -> list[dict[str, object]]:
    request = urllib.request.Request(  # noqa: S310 - always http on this machine
        f"{site.url}/{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(request, timeout=5) as reply:
        return json.load(reply)


def _await(site: Site, path: str, process: "subprocess.Popen[bytes]", what: str) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while True:
        with suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            direct.open(f"{site.url}/{path}", timeout=5).close()
            return
        if process.poll() is not None or time.monotonic() > deadline:
            raise EngineError(f"the {what} does not start; its log is {site.folder / f'{what}.log'}")
        time.sleep(0.2)
