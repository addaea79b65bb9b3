"""Real signals to real processes."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from tiny_benchmark import PATIENCE_S

RUN = """
import sys, time
from flows.runners.choice import make_runner
from flows.runners.seam import StageWork
from flows.console.signals import StopSignals
from tasks.spec import RunnerParameters
from tasks.stages.block_report import BlockReport

seconds, grace, name = float(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
stop = StopSignals(farewell="resume with: ilime explain", grace_s=grace)

def body(root, run_id, block):
    print("begin", block, flush=True)
    time.sleep(seconds)
    return BlockReport("score", block, 1)

def work():
    done = []
    runner = make_runner(RunnerParameters(name=name, workers=1), stop)
    runner.run_pipeline([StageWork("score", body, tuple(range(20)))], ".", "r1", done.append)
    print("done", len(done), flush=True)

with stop.handling():
    if name == "threads":
        from prefect import flow
        flow(work)()
    else:
        work()
sys.exit(3 if stop.requested else 0)
"""


@pytest.fixture
def start():
    """Start a run of 20 blocks and wait until its first block is at work."""
    processes = []

    def begin(seconds, grace, name="inline"):
        process = subprocess.Popen(
            [sys.executable, "-c", RUN, str(seconds), str(grace), name],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        assert process.stdout.readline() == "begin 0\n"
        return process

    yield begin
    for process in processes:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_lets_the_running_block_end(start, number):
    process = start(0.5, 30)
    process.send_signal(number)
    out, err = process.communicate(timeout=50)
    assert out.splitlines() == ["done 1"]
    assert "running ones get 30 s" in err
    assert process.returncode == 3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_inside_a_flow_the_signals_are_ours(start, prefect_server, number):
    process = start(0.5, 30, "threads")
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE_S)
    assert out.splitlines() == ["done 1"]
    assert "Traceback" not in err
    assert process.returncode == 3


def test_the_second_signal_ends_at_once(start):
    process = start(60, 30)
    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    begin = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=50)
    assert time.monotonic() - begin < 30  # and the block takes 60
    assert out == ""
    assert err.endswith("resume with: ilime explain\n")
    assert process.returncode == 3


def test_the_grace_ends(start):
    process = start(60, 0.5)
    begin = time.monotonic()
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=50)
    assert 0.4 < time.monotonic() - begin < 30
    assert err.endswith("resume with: ilime explain\n")
    assert process.returncode == 3


PLANNING = """
import sys, time
from flows.console.signals import StopSignals
from flows.exit_status import STOPPED

stop = StopSignals(grace_s=60)
try:
    with stop.handling():
        with stop.planning():
            print("planning", flush=True)
            time.sleep(60)
except KeyboardInterrupt:
    sys.exit(STOPPED)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_while_planning_the_first_signal_ends_at_once(number):
    with subprocess.Popen(
        [sys.executable, "-c", PLANNING], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "planning\n"
        begin = time.monotonic()
        process.send_signal(number)
        _, err = process.communicate(timeout=50)
    assert time.monotonic() - begin < 30  # and the plan takes 60
    assert err == "ilime: stopped while planning; start the same command again\n"
    assert process.returncode == 3


def test_handlers_are_put_back():
    from flows.console.signals import StopSignals

    def other(number, frame):
        pass

    stop = StopSignals()
    before = signal.signal(signal.SIGTERM, other)
    of_ctrl_c = signal.getsignal(signal.SIGINT)  # ignored, where the tests run in the background
    try:
        with stop.rearmed():
            assert signal.getsignal(signal.SIGTERM) is other
        with stop.handling():
            signal.signal(signal.SIGTERM, other)
            with stop.rearmed():
                assert signal.getsignal(signal.SIGTERM) is not other
            assert signal.getsignal(signal.SIGTERM) is other
        assert signal.getsignal(signal.SIGTERM) is other
        assert signal.getsignal(signal.SIGINT) is of_ctrl_c
    finally:
        signal.signal(signal.SIGTERM, before)
    assert not stop.requested


def test_a_handled_signal_is_a_request(capfd):
    from flows.console.signals import StopSignals

    heard = threading.Event()
    stop = StopSignals(grace_s=60, say=lambda line: heard.set() if line.startswith("stopping: ") else None)
    with stop.handling():
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop.wait(5)
        assert heard.wait(5)
    assert stop.requested
    assert capfd.readouterr().err == ""
