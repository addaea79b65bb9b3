"""Every example spec is valid, and every deployment has a flow to start and parameters that it takes.

Proves flows.flow_runs.deployed_spec.
"""

import inspect
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from flows.flow_runs.deployed_spec import validated
from ilime_core.errors import InputError
from tasks.spec import ExplainParameters
from tasks.spec.reading import load_parameters

ROOT = Path(__file__).parents[1]
PREFECT = ROOT / "deployments" / "prefect.yaml"
SPECS = sorted([*(ROOT / "deployments").glob("*.yaml"), ROOT / "flows" / "demo.yaml"])
COMPARED = {"against", "least_correlation", "level", "out"}
DEPLOYMENTS = yaml.safe_load(PREFECT.read_text(encoding="utf-8"))["deployments"]


@pytest.mark.parametrize("spec", [path for path in SPECS if path != PREFECT], ids=lambda p: p.name)
def test_an_example_spec_is_valid_and_says_where_its_results_go(spec):
    parameters = load_parameters(spec)
    assert parameters.output
    assert parameters.label


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda d: d["entrypoint"])
def test_an_entrypoint_is_a_flow_and_takes_the_parameters(deployment):
    from prefect import Flow
    from prefect.flows import load_flow_from_entrypoint

    flow = load_flow_from_entrypoint(deployment["entrypoint"], use_placeholder_flow=False)
    assert isinstance(flow, Flow)
    takes = set(inspect.signature(flow.fn).parameters)
    assert {"spec"} <= set(deployment["parameters"]) <= takes
    assert takes - {"spec"} == (set() if flow.name != "ilime compare" else COMPARED)
    assert validated(deployment["parameters"]["spec"]).output.startswith("s3://")


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda d: d["entrypoint"])
def test_a_second_copy_is_cancelled_and_the_schedule_has_a_timezone(deployment):
    from prefect.client.schemas.schedules import CronSchedule

    assert deployment["concurrency_limit"] == {"limit": 1, "collision_strategy": "CANCEL_NEW"}
    [schedule] = deployment["schedules"]
    assert ZoneInfo(schedule["timezone"])
    assert CronSchedule(cron=schedule["cron"], timezone=schedule["timezone"]).cron


def test_the_night_measures_and_compares_the_run_that_it_has_explained():
    """Only what enters no id differs."""
    explained, measured, compared = (validated(d["parameters"]["spec"]) for d in DEPLOYMENTS)
    assert compared == explained
    ignored = {"faithfulness"}
    assert explained.model_dump(exclude=ignored) == measured.model_dump(exclude=ignored)
    assert (explained.faithfulness.sample, measured.faithfulness.sample) == (0, 200)


def test_the_automation_of_the_documentation_is_one_and_waits_for_our_event():
    from prefect.automations import Automation

    from flows.flow_runs.events import PARTLY_FAILED

    text = automation_of(PARTLY_FAILED)
    block = "6b6e2c7e-6a0b-4c6e-9f4b-0d9c6a1f7a11"
    automation = Automation.model_validate(yaml.safe_load(text.replace("id: ...", f"id: {block}")))
    assert automation.trigger.expect == {PARTLY_FAILED}


def automation_of(event):
    page = (ROOT / "docs" / "deployments.md").read_text(encoding="utf-8")
    blocks = [part.partition("```")[0] for part in page.split("```automation\n")[1:]]
    [found] = [block for block in blocks if event in block]
    return found


def test_the_automation_of_a_drift_waits_for_its_event():
    from prefect.automations import Automation

    from flows.flow_runs.events import DRIFTED

    block = "6b6e2c7e-6a0b-4c6e-9f4b-0d9c6a1f7a11"
    text = automation_of(DRIFTED).replace("id: ...", f"id: {block}")
    assert Automation.model_validate(yaml.safe_load(text)).trigger.expect == {DRIFTED}


def test_how_storage_is_reached_is_no_parameter_of_a_flow():
    spec = DEPLOYMENTS[0]["parameters"]["spec"]
    with pytest.raises(InputError, match=r"AWS_PROFILE.*job variables"):
        validated(spec | {"storage": {"profile": "secret"}})
    with pytest.raises(InputError, match="did you mean 'seed'"):
        validated(spec | {"sed": 1})
    schema = ExplainParameters.model_json_schema()
    assert "storage" not in schema["properties"]
    assert {"corpus", "model", "output", "runner"} <= set(schema["properties"])
    assert schema["additionalProperties"] is False
