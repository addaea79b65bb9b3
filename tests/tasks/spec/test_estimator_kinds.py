"""What draws no masks, and what no test stands on, is known by name, wherever it is registered."""

from ilime_core.effects.quadrature import DENSITIES
from ilime_core.effects.registry import ESTIMATORS
from ilime_core.opaque.registry import PAIR_ESTIMATORS
from ilime_core.white_box.registry import WHITE_BOX
from tasks.spec.estimator_kinds import draws_masks, errors_leave_out


def test_gradients_and_occlusion_draw_nothing_and_all_others_do():
    known = [name for registry in (ESTIMATORS, WHITE_BOX, PAIR_ESTIMATORS) for name in registry.names]
    assert {name for name in known if not draws_masks(name)} == {
        "occlusion",
        "sliding_block_occlusion",
        "cross_gradient",
        "integrated_jacobian",
        "activation_map",
        "grad_cam",
    }
    assert draws_masks("a plugin's own")


def test_errors_of_indices_that_integrate_leave_the_quadrature_out_and_all_others_hold():
    known = [name for registry in (ESTIMATORS, WHITE_BOX, PAIR_ESTIMATORS) for name in registry.names]
    assert {name: errors_leave_out(name) for name in known if errors_leave_out(name)} == dict.fromkeys(
        DENSITIES, "the error of the quadrature"
    )
    assert errors_leave_out("a plugin's own") == ""
