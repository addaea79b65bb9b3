"""The guards of this test run, which would go unnoticed if they stopped to watch."""

import warnings

import numpy as np
import pytest
import torch
from jaxtyping import TypeCheckError

from ilime_core.effects.covariance import low_rank_covariance


def test_shape_annotations_of_the_core_are_checked():
    with pytest.raises(TypeCheckError):
        low_rank_covariance(torch.zeros(4), 2)


@pytest.mark.parametrize("package", ["ilime_core", "tasks", "flows"])
def test_warnings_that_our_modules_cause_are_errors(package):
    ours = {"__name__": f"{package}.made_up.module", "np": np}
    exec("def divide(): return np.float64(1.0) / np.float64(0.0)", ours)
    with pytest.raises(RuntimeWarning, match="divide by zero"):
        ours["divide"]()


def test_warnings_that_libraries_cause_are_not():
    theirs = {"__name__": "made_up.module", "np": np}
    exec("def divide(): return np.float64(1.0) / np.float64(0.0)", theirs)
    with warnings.catch_warnings(record=True) as heard:
        assert np.isinf(theirs["divide"]())
    assert len(heard) == 1
