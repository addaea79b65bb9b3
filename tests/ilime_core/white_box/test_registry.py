"""Costs of white-box estimators, and refusals of models that lack their methods.

Proves ilime_core.white_box.tower_checks.
"""

from types import SimpleNamespace

import planted_plugin
import pytest
from gated_items import AdditiveImages

from ilime_core.effects.registry import ESTIMATORS
from ilime_core.errors import InputError
from ilime_core.white_box.registry import WHITE_BOX
from ilime_core.white_box.tower_checks import check_white_box


def test_names_costs_and_other_registries_fit():
    assert set(WHITE_BOX.names).isdisjoint(ESTIMATORS.names)
    assert WHITE_BOX["integrated_jacobian"].encodes(5, 3) == 2 * 5 * 3 + 1
    assert WHITE_BOX["cross_gradient"].encodes(5, 3) == 10


@pytest.mark.parametrize(
    ("name", "methods"), [("cross_gradient", "encode_gated"), ("grad_cam", "local_parts and last_layer")]
)
def test_a_model_without_the_methods_is_told_which(name, methods):
    with pytest.raises(InputError, match=f"{name} needs towers with {methods}, which ImageTower lacks"):
        check_white_box(planted_plugin.make("cpu", "float32"), ("banzhaf", name))


def test_black_boxes_need_nothing(scenes_clip):
    check_white_box(planted_plugin.make("cpu", "float32"), ("banzhaf", "occlusion"))
    check_white_box(scenes_clip, WHITE_BOX.names)


def test_both_towers_are_asked():
    half = SimpleNamespace(image=AdditiveImages(), text=object(), device="cpu", fingerprint=str)
    with pytest.raises(InputError, match="which object lacks"):
        check_white_box(half, ("cross_gradient",))
