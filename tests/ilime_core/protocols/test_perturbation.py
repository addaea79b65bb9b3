"""Registered segmenters, designs and baselines take the arguments that their protocols name."""

import inspect

import pytest

from ilime_core.perturbation.baselines import BASELINES, BaselineOptions
from ilime_core.perturbation.designs import DESIGNS
from ilime_core.protocols.perturbation import Baseline, Design, Segmenter
from ilime_core.segmentation.registry import SEGMENTERS, SegmenterOptions

MADE = [
    *((Design, DESIGNS[name].make(0.5)) for name in DESIGNS.names),
    *((Baseline, BASELINES[name].make(BaselineOptions())) for name in BASELINES.names),
    # Given regions are cut by `given_segments`: there is a label map for each image.
    *((Segmenter, SEGMENTERS[name].make(SegmenterOptions())) for name in SEGMENTERS.names if name != "given"),
]


@pytest.mark.parametrize(("protocol", "made"), MADE, ids=lambda one: one.__name__)
def test_arguments_are_those_of_the_protocol(protocol, made):
    wanted = [name for name in inspect.signature(protocol.__call__).parameters if name != "self"]
    assert list(inspect.signature(made).parameters) == wanted
