"""Prefect records task runs behind the flow's back: wait until its history is complete."""

import threading
import time
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import StateType
from prefect.events.worker import EventsWorker

from flows.engine.engine_watch import server_lost

__all__ = ["recorded_task_runs", "wait_for_history"]

TERMINAL = [
    kind.value for kind in (StateType.COMPLETED, StateType.FAILED, StateType.CRASHED, StateType.CANCELLED)
]


def recorded_task_runs(flow_run_id: UUID) -> int:
    """Count the task runs of a flow run that the API shows in a terminal state."""
    body = {
        "flow_runs": {"id": {"any_": [str(flow_run_id)]}},
        "task_runs": {"state": {"type": {"any_": TERMINAL}}},
    }
    with get_client(sync_client=True) as client:
        return int(client.request("POST", "/task_runs/count", json=body).json())


def wait_for_history(flow_run_id: UUID, task_runs: int, timeout_s: float = 60.0) -> int:
    """Wait until that many task runs are recorded.

    Parameters
    ----------
    flow_run_id
        Flow run at Prefect's server.
    task_runs
        Number to wait for.
    timeout_s
        Longest wait, in seconds.

    Returns
    -------
    int
        How many there are: fewer than ``task_runs`` if the time was over first.
    """
    deadline = time.monotonic() + timeout_s
    delivery = threading.Thread(target=EventsWorker.instance().wait_until_empty, daemon=True)
    delivery.start()
    while delivery.is_alive() and not server_lost():
        delivery.join(0.1)
    while (recorded := recorded_task_runs(flow_run_id)) < task_runs and time.monotonic() < deadline:
        time.sleep(0.1)
    return recorded
