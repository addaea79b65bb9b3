from stored_pairs import stored

from ilime_core.faithfulness.measurement import Control
from ilime_core.faithfulness.metrics.fidelity import fidelity

LIMITS = {"r2_cross_ceiling": 0.55, "share_cross": 0.04}


def test_each_share_stands_under_whose_it_is():
    pair = stored([[1.0]], r2_total=0.8, r2_linear=0.6, r2_cross=0.5, r2_cross_held_out=-0.1, **LIMITS)
    found = {(v.metric, v.control): v.value for v in fidelity(pair)}
    assert found == {
        ("r2_total", Control.EXPLANATION): 0.8,
        ("r2_total", Control.MAIN_EFFECTS): 0.6,
        ("r2_cross", Control.EXPLANATION): 0.5,
        ("r2_cross_held_out", Control.EXPLANATION): -0.1,
        ("r2_cross_ceiling", Control.EXPLANATION): 0.55,
        ("share_cross", Control.EXPLANATION): 0.04,
    }


def test_what_the_run_does_not_know_is_unknown():
    assert [v.value for v in fidelity(stored([[1.0]], r2_cross=0.5))] == [None, None, 0.5, None, None, None]
