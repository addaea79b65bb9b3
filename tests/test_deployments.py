"""Every example spec is valid, so that nobody starts from a broken one."""

from pathlib import Path

import pytest

from tasks.specification import load_parameters

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    "spec",
    sorted([*(ROOT / "deployments").glob("*.yaml"), ROOT / "flows" / "demo.yaml"]),
    ids=lambda p: p.name,
)
def test_an_example_spec_is_valid_and_says_where_its_results_go(spec):
    parameters = load_parameters(spec)
    assert parameters.output
    assert parameters.label
