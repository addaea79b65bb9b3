import numpy as np
import pytest

from ilime_core.errors import InputError
from ilime_core.perturbation.designs import DESIGNS


def test_every_design_serves_what_was_asked_for():
    for name in DESIGNS.names:
        masks = DESIGNS[name].make(0.5)(4, 24, np.random.default_rng(0))
        assert masks.shape == ({"foldover": 24, "enumerate": 16}.get(name, 24), 4)


def test_foldover_says_what_serves_other_probabilities():
    with pytest.raises(InputError, match=r"would follow 0\.2\. Use the design iid or stratified"):
        DESIGNS["foldover"].make(0.8)


def test_enumeration_beyond_the_request_is_refused_with_the_number_of_coalitions():
    with pytest.raises(InputError, match="10 segments have 1024 coalitions and 1000 masks"):
        DESIGNS["enumerate"].make(0.5)(10, 1000, np.random.default_rng(0))


def test_an_unknown_design_is_answered_with_the_nearest():
    with pytest.raises(InputError, match="did you mean 'foldover'"):
        DESIGNS["foldovr"]
