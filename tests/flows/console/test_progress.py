import io
import json
import threading
from datetime import datetime

import pytest
from rich.console import Console

from flows.console.log_lines import LogLines
from flows.console.progress import RunProgress, duration
from flows.console.run_clock import RunClock
from tasks.stages import progress as reports


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def plain():
    """Console that is no terminal, what it has printed, and a clock that stands still unless moved."""
    out, clock = io.StringIO(), Clock()
    return RunProgress(LogLines(Console(file=out, width=40), "r1"), clock), out, clock


def test_speed_is_of_what_was_computed(plain):
    run, _, clock = plain
    stage = run.stage("score", 100, "encodes")
    assert stage.speed is None
    stage.reuse(20)
    clock.now += 10
    stage.advance(30)
    assert stage.done == 50
    assert stage.speed == pytest.approx(3.0)
    stage.fail(2)
    assert str(stage) == "50/100 encodes, 3.0/s, 20 reused, 2 failed"


def test_a_line_ends_at_what_was_done(plain):
    run, _, _ = plain
    stage = run.stage("score", 100, "encodes")
    stage.advance(30)
    stage.close()
    assert (stage.done, stage.total) == (30, 30)


def test_one_estimate_stands_beside_all_lines(plain):
    _, out, clock = plain
    whole = RunClock(clock)
    whole.expect("score", {"images": 10, "texts": 70})
    with RunProgress(LogLines(Console(file=out, width=40), "r1"), clock, whole) as run:
        stage = run.stage("score", 80, "encodes")
        for _ in range(5):
            run.listen("score", 1, "images")
            clock.now += 6
    assert stage.done == 5
    [*_, last] = [json.loads(line)["message"] for line in out.getvalue().splitlines()]
    # 6 s an image and, until one is timed, 6/7 s a text
    assert last == "5/80 encodes, 0.2/s, about 1:30 to the end of the run"


def test_a_line_of_pairs_does_not_count_their_encodes(plain):
    run, _, _ = plain
    stage = run.stage("measure-m1", 4, "pairs")
    run.listen("measure-m1", 500, "images")
    assert stage.done == 0
    run.listen("measure-m1", 1, "pairs")
    assert stage.done == 1


def test_lines_come_every_few_seconds_and_at_the_end(plain):
    run, out, clock = plain
    with run:
        stage = run.stage("score", 10_000, "encodes")
        for _ in range(99):
            stage.advance(100)
            clock.now += 0.125
        stage.fail(3)
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line["counts"]["done"] for line in lines] == [100, 4100, 8100, 9900]
    assert lines[1]["message"].startswith("4,100/10,000 encodes, 820/s")
    last = lines[-1]
    assert datetime.fromisoformat(last.pop("time")).tzinfo is not None
    assert last.pop("message").endswith("3 failed")
    assert last == {
        "level": "info",
        "event": "progress",
        "run_id": "r1",
        "stage": "score",
        "counts": {"done": 9900, "total": 10_000, "reused": 0, "failed": 3},
    }


def test_the_last_line_is_printed_once(plain):
    run, out, _ = plain
    with run:
        run.stage("fit", 2, "pairs").advance(2)
        run.stage("measure", 2, "pairs")
    [line] = out.getvalue().splitlines()
    assert json.loads(line)["message"] == "2/2 pairs"


def test_no_escape_codes_without_a_terminal_and_bars_with_one(plain):
    run, out, _ = plain
    with run:
        run.stage("score", 2, "encodes").advance(2)
    assert "\x1b" not in out.getvalue()
    screen = io.StringIO()
    with RunProgress(LogLines(Console(file=screen, force_terminal=True, width=100))) as run:
        run.stage("score", 2, "encodes").advance(2)
    assert "\x1b" in screen.getvalue()
    assert "2/2 encodes" in screen.getvalue()


def test_counts_from_many_threads_are_all_there(plain):
    run, _, _ = plain
    stage = run.stage("score", 8 * 2000, "encodes")
    threads = [threading.Thread(target=lambda: [stage.advance() for _ in range(2000)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stage.done == 8 * 2000


def test_bodies_are_heard_through_the_listener(plain):
    run, _, _ = plain
    stage = run.stage("score", 100, "encodes")
    reports.report_progress("score", 1, "texts")
    reports.set_listener(run.listen)
    try:
        reports.report_progress("score", 32, "texts")
        reports.report_progress("score", 8, "images")
        reports.report_progress("unknown", 5, "encodes")
    finally:
        reports.set_listener(None)
    reports.report_progress("score", 7, "encodes")
    assert stage.done == 40


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1:00"), (185, "3:05"), (7385, "2:03:05")]
)
def test_durations(seconds, text):
    assert duration(seconds) == text
