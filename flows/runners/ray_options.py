"""Options of remote functions of Ray."""

from typing import Any

from flows.runners.cluster import LOST_AT_MOST

__all__ = ["LANE", "task_options"]

LANE = "ILIME_LANE"


def task_options(resource: str, *, encodes: bool) -> dict[str, Any]:
    """Options of a remote function; ``max_calls=0`` keeps a process, and its model, for the next block."""
    options: dict[str, Any] = {"num_cpus": 1, "max_calls": 0, "max_retries": LOST_AT_MOST}
    if encodes and resource:
        # An environment of their own gives these tasks processes of their own: any idle process would be
        # taken else, and each would load the model beside those that have it already.
        options["runtime_env"] = {"env_vars": {LANE: resource}}
        options |= {"num_gpus": 1} if resource == "GPU" else {"resources": {resource: 1}}
    return options
