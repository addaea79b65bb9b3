"""Methods that look inside the model are refitted, too; a model without modules cannot be randomised.

Proves ilime_core.encoding.stopwatch.
"""

import pytest
from refit_runs import FEW, PLUGINS, explained, pairs_of, refitted

from ilime_core.encoding.stopwatch import TimedEncoder
from ilime_core.errors import InputError
from tasks.process.models import encoder_of
from tasks.spec.refits import RefitParameters


@pytest.fixture(autouse=True)
def allowed(monkeypatch):
    monkeypatch.setenv("ILIME_PLUGINS", PLUGINS)


@pytest.fixture(scope="module")
def gated(tmp_path_factory):
    estimators = ["banzhaf", "cross_gradient", "occlusion"]
    return explained(tmp_path_factory.mktemp("gated"), "gated_plugin:make", estimators=estimators)


def test_white_box_estimators_feel_noise_and_no_masks(gated):
    run, reader = gated
    parameters = RefitParameters.model_validate(FEW)
    encoder = TimedEncoder(encoder_of(run))
    names = ("stability", "max_sensitivity")
    values, _ = refitted(run, encoder, parameters, names, pairs_of(reader))
    for (_, estimator, metric, mode, _), value in values.items():
        if mode in {"seed", "none"}:
            # Gradients and leaving one out draw nothing, and nothing is no evidence.
            assert (value.value is None) == (estimator != "banzhaf")
        elif metric == "max_sensitivity":
            assert 0.01 < value.value < 10
        else:
            assert value.value < 1 - 1e-6
    fitted = [value.value for key, value in values.items() if key[1] == "banzhaf" and key[3] == "seed"]
    assert max(fitted) < 1 - 1e-6


def test_a_model_without_modules_is_refused_random_weights(gated):
    run, reader = gated
    encoder = TimedEncoder(encoder_of(run))
    with pytest.raises(InputError, match=r"ImageTower holds no torch\.nn\.Module"):
        refitted(run, encoder, RefitParameters(), ["randomised_weights"], pairs_of(reader))
