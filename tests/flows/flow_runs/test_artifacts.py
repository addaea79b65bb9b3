"""Artifacts of a flow, and the addresses of an API that count as this machine.

Proves flows.engine.api.
"""

from dataclasses import dataclass

import pytest


@dataclass
class Failed:
    stage: str
    reason: str
    uri: str | None


FAILED = [
    Failed("embed", "absent", "a.jpg"),
    Failed("embed", "undecodable", "b.jpg"),
    Failed("embed", "undecodable", None),
    Failed("score", "non_finite", "c.jpg"),
]


def in_flow(work):
    from prefect import flow

    flow(name="artifacts")(work)()


def latest(key):
    """Newest artifact of a key: its data and description."""
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        found = client.request("GET", f"/artifacts/{key}/latest", path_params={"key": key}).json()
    return found["data"], found["description"]


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:4200/api", True),
        ("http://localhost:4200/api", True),
        ("http://[::1]:4200/api", True),
        ("https://api.prefect.cloud/api", False),
        ("http://127.0.0.1.example.org/api", False),
        ("http://10.0.0.4:4200/api", False),
    ],
)
def test_only_this_machine_is_local(prefect_server, url, local):
    from prefect.settings import PREFECT_API_URL, temporary_settings

    from flows.engine.api import api_is_local

    with temporary_settings({PREFECT_API_URL: url}):
        assert api_is_local() is local


def test_failures_are_counted_and_uris_only_shown_at_home():
    from flows.flow_runs.artifacts import failure_rows

    away = failure_rows(FAILED, local=False)
    assert away == [
        {"stage": "embed", "reason": "undecodable", "items": 2},
        {"stage": "embed", "reason": "absent", "items": 1},
        {"stage": "score", "reason": "non_finite", "items": 1},
    ]
    at_home = failure_rows(FAILED, local=True)
    assert [row["examples"] for row in at_home] == ["b.jpg", "a.jpg", "c.jpg"]


def test_the_table_of_failures_is_published(prefect_server):
    from flows.flow_runs.artifacts import publish_failures

    in_flow(lambda: publish_failures(FAILED))
    data, _ = latest("ilime-failures")
    assert "undecodable" in data
    assert "b.jpg" in data


def test_progress_reaches_the_api_every_few_blocks(prefect_server):
    from flows.flow_runs.artifacts import ProgressArtifact

    seen = []

    def work():
        progress = ProgressArtifact(8, every=3)
        for _ in range(8):
            progress.block_done()
            seen.append(latest("ilime-progress"))

    in_flow(work)
    assert [percent for percent, _ in seen] == [0, 0, 37.5, 37.5, 37.5, 75, 75, 100]
    assert seen[-1][1] == "8 of 8 blocks"


def test_the_summary_is_published(prefect_server):
    from flows.flow_runs.artifacts import publish_summary

    in_flow(lambda: publish_summary("# R@1 0.51"))
    assert latest("ilime-summary")[0] == "# R@1 0.51"
