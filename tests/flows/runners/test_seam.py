"""What every runner promises, with bodies that count their calls and task runs on a real server.

Proves flows.runners.inline, flows.runners.pool, tasks.stages.block_report.
"""

import threading
import time
from collections import Counter

import pytest
from every import every
from one_stage import run_stage, threads_runner

from flows.console.signals import StopSignals
from flows.runners.inline import InlineRunner
from flows.runners.seam import RetryPolicy, StageWork
from tasks.stages.block_report import BlockReport
from tasks.storage.storage import StorageError
from tasks.tables.counts import Counts

SOON = RetryPolicy(retries=3, first_delay_s=0.01)


def report(block, stage="score"):
    return BlockReport(stage, block, 1, Counts(2, 3), digest=f"{block:x}")


class Calls:
    """A body that notes its calls; ``errors[block]`` are raised in turn, the last one for ever."""

    def __init__(self, errors=None, seconds=0.0):
        self.count = Counter()
        self.arguments = set()
        self.most = 0
        self._errors = errors or {}
        self._seconds = seconds
        self._now = 0
        self._lock = threading.Lock()

    def __call__(self, root, run_id, block):
        with self._lock:
            self.count[block] += 1
            self.arguments.add((root, run_id))
            self._now += 1
            self.most = max(self.most, self._now)
        time.sleep(self._seconds)
        with self._lock:
            self._now -= 1
        errors = self._errors.get(block, [])
        error = errors[min(self.count[block], len(errors)) - 1] if errors else None
        if error:
            raise error
        return report(block)


@pytest.fixture
def threads(prefect_server):
    return lambda workers=2, blocks_per_task=1, stop=None: threads_runner(
        workers, blocks_per_task, stop, SOON
    )


@pytest.fixture(params=["inline", "threads", "threads in groups"])
def runner(request):
    if request.param == "inline":
        return InlineRunner(retry=SOON)
    return request.getfixturevalue("threads")(2, 3 if "groups" in request.param else 1)


def in_flow(work):
    """Run in a flow of Prefect and give back what ``work`` returns with the id of the flow run."""
    from prefect import flow
    from prefect.runtime import flow_run

    @flow(name="test")
    def test_flow():
        return work(), flow_run.id

    return test_flow()


def test_storage_errors_are_retried_and_nothing_else(runner):
    lost = StorageError("connection lost")
    body = Calls({1: [lost, lost, None], 2: [lost], 3: [ValueError("bad block")], 4: [OSError("disk")]})
    done = []
    failures = run_stage(runner, "score", body, "root", "r1", range(6), done.append)
    assert body.count == {0: 1, 1: 3, 2: 4, 3: 1, 4: 1, 5: 1}
    assert sorted(r.block for r in done) == [0, 1, 5]
    assert {f.block: f.message for f in failures} == {
        2: "StorageError: connection lost",
        3: "ValueError: bad block",
        4: "OSError: disk",
    }
    assert every(f.stage == "score" and "Traceback" in f.traceback for f in failures)
    assert body.arguments == {("root", "r1")}


def test_retries_are_counted(threads):
    lost = StorageError("connection lost")
    errors = {1: [lost, lost, None], 2: [lost], 3: [ValueError("bad block")]}
    for one in (InlineRunner(retry=SOON), threads()):
        run_stage(one, "score", Calls(errors), "root", "r1", range(4), lambda _: None)
        assert one.retries == 2 + 3


def test_the_number_of_retries_is_the_policys():
    body = Calls({0: [StorageError("lost")]})
    run_stage(InlineRunner(retry=RetryPolicy(1, 0.0)), "score", body, "root", "r1", [0], lambda _: None)
    assert body.count[0] == 2


def test_waits_double():
    assert RetryPolicy(3, 2.0).delays_s == [2.0, 4.0, 8.0]


def test_grouping_changes_task_runs_and_no_call(threads):
    from flows.flow_runs.history import wait_for_history

    seen = {}
    for size in (1, 3):
        body, done, one = Calls(), [], threads(2, size)
        _, flow_run = in_flow(lambda: run_stage(one, "score", body, "root", "r1", range(7), done.append))  # noqa: B023
        seen[size] = (body.count, sorted(r.block for r in done))
        assert one.task_runs == {1: 7, 3: 3}[size]
        assert wait_for_history(flow_run, one.task_runs) == one.task_runs
        assert (
            task_run_names(flow_run)
            == {
                1: {f"score-{block:05d}" for block in range(7)},
                3: {"score-00000-00002", "score-00003-00005", "score-00006"},
            }[size]
        )
    assert seen[1] == seen[3]


def task_run_names(flow_run):
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId

    chosen = FlowRunFilter(id=FlowRunFilterId(any_=[flow_run]))
    with get_client(sync_client=True) as client:
        return {run.name for run in client.read_task_runs(flow_run_filter=chosen)}


@pytest.mark.parametrize("workers", [1, 3])
def test_never_more_at_work_than_workers(threads, workers):
    body, one, done, submitted = Calls(seconds=0.15), threads(workers), [], []

    def watched(root, run_id, block):
        submitted.append(one.task_runs - len(done))
        return body(root, run_id, block)

    run_stage(one, "score", watched, "root", "r1", range(6), done.append)
    assert body.most == workers
    assert max(submitted) <= workers


def test_a_stage_keeps_its_limit_beside_others(threads):
    wide, narrow = Calls(seconds=0.15), Calls(seconds=0.15)
    works = [
        StageWork("segment", wide, tuple(range(4))),
        StageWork("score", narrow, tuple(range(4)), limit=1),
    ]
    assert threads(3).run_pipeline(works, "root", "r1", lambda _: None) == []
    assert narrow.most == 1
    assert wide.most >= 2
    assert wide.count == narrow.count == Counter(range(4))


def test_downstream_starts_while_upstream_runs_and_never_before_its_input(threads):
    committed, order = set(), []

    def body_of(stage):
        def body(root, run_id, block):
            order.append((stage, block, (stage, block) in committed, frozenset(committed)))
            time.sleep(0.02)
            return report(block, stage)

        return body

    works = [
        StageWork("segment", body_of("segment"), tuple(range(6))),
        StageWork("score", body_of("score"), tuple(range(6)), ready=lambda b: ("segment", b) in committed),
        StageWork("fit", body_of("fit"), (0,), ready=lambda b: {("score", 0), ("score", 5)} <= committed),
    ]
    done = lambda r: committed.add((r.stage, r.block))  # noqa: E731
    assert threads(2).run_pipeline(works, "root", "r1", done) == []
    assert len(order) == 13
    for stage, block, _, before in order:
        if stage == "score":
            assert ("segment", block) in before
        if stage == "fit":
            assert {("score", 0), ("score", 5)} <= before
    started = [(stage, block) for stage, block, *_ in order]
    assert started.index(("score", 0)) < started.index(("segment", 5))


def test_a_block_that_waits_in_vain_is_a_failure_and_holds_nobody_up(runner):
    committed = set()
    works = [
        StageWork("segment", Calls({1: [ValueError("bad")]}), (0, 1, 2)),
        StageWork("score", Calls(), (0, 1, 2), ready=committed.__contains__),
    ]
    done = []

    def on_done(r):
        done.append(r.block)
        committed.add(r.block)

    failures = runner.run_pipeline(works, "root", "r1", on_done)
    assert sorted(done) == [0, 0, 2, 2]
    assert [(f.stage, f.block) for f in failures] == [("segment", 1), ("score", 1)]
    assert "not started" in failures[1].message


@pytest.mark.parametrize("kind", ["inline", "threads", "group"])
def test_after_a_stop_no_block_starts_and_the_rest_is_no_failure(kind, request):
    stop, calls, done = StopSignals(), [], []
    if kind == "inline":
        one = InlineRunner(stop)
    else:
        one = request.getfixturevalue("threads")(1, 4 if kind == "group" else 1, stop)

    def body(root, run_id, block):
        calls.append(block)
        if block == 2:
            stop.request()
        return report(block)

    assert run_stage(one, "score", body, "root", "r1", range(8), done.append) == []
    assert calls == [0, 1, 2]
    assert [r.block for r in done] == [0, 1, 2]


def test_a_stop_ends_the_wait_for_a_retry():
    stop = StopSignals()
    body = Calls({0: [StorageError("lost")]})
    threading.Timer(0.1, stop.request).start()
    start = time.monotonic()
    failures = run_stage(
        InlineRunner(stop, RetryPolicy(3, 60.0)), "score", body, "root", "r1", [0, 1], lambda _: None
    )
    assert time.monotonic() - start < 50  # and the first retry would come after 60
    assert [f.message for f in failures] == ["StorageError: lost"]
    assert body.count == {0: 1}


def test_on_done_is_called_in_the_calling_thread_and_its_error_comes_through(threads):
    here = threading.get_ident()
    seen = []
    run_stage(
        threads(), "score", Calls(), "root", "r1", range(4), lambda _: seen.append(threading.get_ident())
    )
    assert seen == [here] * 4

    def refuse(_):
        raise RuntimeError("cannot count")

    with pytest.raises(RuntimeError, match="cannot count"):
        run_stage(threads(), "score", Calls(), "root", "r1", range(4), refuse)


def test_the_history_of_many_small_tasks_is_complete(threads):
    from flows.flow_runs.history import recorded_task_runs, wait_for_history

    one, done = threads(4), []
    body = Calls({7: [ValueError("bad")]})
    failures, flow_run = in_flow(lambda: run_stage(one, "score", body, "root", "r1", range(300), done.append))
    assert (len(done), len(failures), one.task_runs) == (299, 1, 300)
    assert wait_for_history(flow_run, one.task_runs) == 300
    assert recorded_task_runs(flow_run) == 300


def test_a_history_that_never_comes_is_not_awaited_for_ever(prefect_server):
    from uuid import uuid4

    from flows.flow_runs.history import wait_for_history

    start = time.monotonic()
    assert wait_for_history(uuid4(), 1, timeout_s=0.3) == 0
    assert time.monotonic() - start < 50


def test_error_messages_stay_here_when_the_api_is_elsewhere(prefect_server):
    from prefect.settings import PREFECT_API_URL, temporary_settings

    from flows.runners.block_group import BlockGroup
    from flows.runners.pool import run_group

    def message():
        body = Calls({0: [ValueError("a cat on a mat")]})
        return run_group(BlockGroup(StageWork("score", body, (0,)), "root", "r1", (0,))).message

    assert message() == "block 0: ValueError: a cat on a mat"
    with temporary_settings({PREFECT_API_URL: "https://prefect.example.org/api"}):
        assert message() == "block 0: ValueError"
