from types import SimpleNamespace

import pytest

from tasks.model_comparison import compare


@pytest.mark.parametrize(
    ("changes", "shared"),
    [({}, True), ({"max_image_masks": 64}, False), ({"adaptive": {"standard_error": 0.1}}, False)],
)
def test_runs_share_masks_by_design_and_never_where_a_model_decides_their_number(changes, shared):
    own = {"design": "foldover", "max_image_masks": 128, "adaptive": {"standard_error": None}}
    runs = [
        SimpleNamespace(plan={"parameters": {"seed": 1, "perturbation": own | more}})
        for more in ({}, changes)
    ]
    assert compare._share_masks(*runs) is shared
