"""What draws no masks, and what no test stands on, is known by name, wherever it is registered.

Proves tasks.spec.estimation.
"""

import pytest

from ilime_core.effects.quadrature import DENSITIES
from ilime_core.opaque.registry import PAIR_ESTIMATORS
from ilime_core.white_box.registry import WHITE_BOX
from tasks.spec.estimation import EVERY_ESTIMATOR
from tasks.spec.estimator_kinds import draws_masks, errors_leave_out, estimator_title


@pytest.mark.parametrize("name", ["occlusion", "sliding_block_occlusion", *WHITE_BOX.names])
def test_gradients_and_occlusion_draw_nothing(name):
    assert not draws_masks(name)


@pytest.mark.parametrize("name", ["banzhaf", "kernel_shap", *PAIR_ESTIMATORS.names, "a plugin's own"])
def test_regressions_draw_masks(name):
    assert draws_masks(name)


def test_errors_of_indices_that_integrate_leave_the_quadrature_out_and_all_others_hold():
    known = EVERY_ESTIMATOR.names
    assert {name: errors_leave_out(name) for name in known if errors_leave_out(name)} == dict.fromkeys(
        DENSITIES, "the error of the quadrature"
    )
    assert errors_leave_out("a plugin's own") == ""


def test_pages_call_an_estimator_as_its_registry_does():
    assert estimator_title("integrated_jacobian") == "integrated Jacobian (exCLIP)"
    assert estimator_title("a plugin's own") == ""
