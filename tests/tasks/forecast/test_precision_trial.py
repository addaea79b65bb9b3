"""Trial of bfloat16: known shifts and seconds of planted towers, and a real model on a real processor."""

import itertools
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import planted_plugin
import pytest
import torch
from tiny_benchmark import PACKAGE, make_benchmark

from ilime_core.modality import Modality
from tasks.forecast import precision_trial
from tasks.forecast.precision_trial import TrialRequest, trial_encodes, try_precisions
from tasks.forecast.trial_memory import recall_trial
from tasks.spec import ExplainParameters

BOTH = tuple(Modality)


@pytest.fixture
def request_of(tmp_path, monkeypatch):
    """A request for a corpus of three pairs, on a processor that has bfloat16, with nothing remembered."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("ILIME_PLUGINS", PACKAGE)
    monkeypatch.setattr(precision_trial, "processor_has_bfloat16", lambda: True)
    benchmark = make_benchmark(tmp_path / "corpus", n_images=3)

    def make(may_try=True, colour=None, **changes):
        parameters = ExplainParameters.model_validate(benchmark.spec(tmp_path / "tables", **changes))
        return TrialRequest(parameters, "f" * 64, colour, BOTH, may_try)

    return make


def planted(monkeypatch, shift):
    """Towers that take 2 s and 1 s an explanation of a side; texts are moved by ``shift`` in bfloat16."""
    clock = itertools.count()
    pace = {"float32": 2.0, "bfloat16": 1.0}
    state = SimpleNamespace(now=0.0, pace=1.0)
    monkeypatch.setattr(
        precision_trial,
        "time",
        SimpleNamespace(process_time=lambda: state.now + state.pace * next(clock)),
    )

    def build(specification, device, precision):
        assert device == "cpu"
        state.pace = pace[precision]
        encoder = planted_plugin.make(device, precision)
        if precision == "bfloat16":
            encode = encoder.text.encode
            encoder.text.encode = lambda rows, width=None: encode(rows, width) + shift
        return encoder

    monkeypatch.setattr(precision_trial, "build_encoder", build)


def test_the_same_towers_move_nothing(request_of, monkeypatch):
    planted(monkeypatch, 0.0)
    found = try_precisions(request_of())
    assert (found.median, found.p99, found.n_pairs, found.problem) == (0.0, 0.0, 3, "")


def test_a_shift_that_all_rows_share_moves_no_effect_and_one_of_some_rows_does(request_of, monkeypatch):
    planted(monkeypatch, 0.25)  # the embedding of every row moves alike: effects are differences
    assert try_precisions(request_of()).p99 < 1e-3

    class Rows:
        """Adds to rows by their length, as a rounding that depends on the content would."""

        def __radd__(self, rows):
            return rows * 1.5

    planted(monkeypatch, Rows())
    assert try_precisions(request_of(segmentation={"image": {"n_segments": 6}})).p99 > 0.1


def test_seconds_are_of_an_encode_and_each_tower_has_its_own(request_of, monkeypatch):
    ticks = iter([0.0, 64.0, 100.0, 116.0, 200.0, 232.0, 300.0, 324.0])  # images, texts; float32 first
    planted(monkeypatch, 0.0)
    monkeypatch.setattr(precision_trial, "time", SimpleNamespace(process_time=lambda: next(ticks)))
    found = try_precisions(request_of())
    assert found.image.float32 / found.image.bfloat16 == pytest.approx(2.0)
    assert found.text.float32 / found.text.bfloat16 == pytest.approx(2 / 3)
    assert found.image.float32 == pytest.approx(64.0 / (3 * (64 + 2)), rel=0.1)


def test_encodes_are_counted_for_both_sides(request_of):
    parameters = request_of().parameters  # 64 masks an image and 32 a text, each beside whole and empty
    assert trial_encodes(parameters, BOTH) == 2 * 16 * (66 + 34)
    assert trial_encodes(parameters, (Modality.IMAGE,)) == 2 * 16 * 2 * 66


def test_what_was_tried_is_not_tried_again_and_another_subject_is(request_of, monkeypatch):
    planted(monkeypatch, 0.0)
    first = try_precisions(request_of())
    monkeypatch.setattr(precision_trial, "build_encoder", None)
    assert try_precisions(request_of()) == first
    assert try_precisions(request_of(may_try=False)) == first
    for other in (
        replace(request_of(may_try=False), fingerprint="e" * 64),
        request_of(may_try=False, colour=(1, 2, 3)),
        request_of(may_try=False, perturbation={"max_image_masks": 128}),
        request_of(may_try=False, segmentation={"image": {"n_segments": 6}}),
    ):
        assert try_precisions(other) is None


def test_without_bfloat16_in_the_processor_nothing_is_loaded(request_of, monkeypatch):
    monkeypatch.setattr(precision_trial, "processor_has_bfloat16", lambda: False)
    monkeypatch.setattr(precision_trial, "build_encoder", None)
    assert try_precisions(request_of()) is None


def test_a_value_that_is_not_finite_is_a_problem_and_not_remembered(request_of, monkeypatch):
    planted(monkeypatch, float("nan"))
    found = try_precisions(request_of())
    assert found.problem.startswith("bfloat16: the text ")
    assert recall_trial(request_of().subject) is None


def test_the_packaged_model_moves_by_rounding_alone(request_of, monkeypatch):
    monkeypatch.setattr(precision_trial, "TRIED_PAIRS", 2)
    spec = {"model": {"name": "scenes", "factory": ""}, "segmentation": {"image": {"n_segments": 16}}}
    found = try_precisions(request_of(**spec))
    assert found.problem == ""
    assert found.n_pairs == 2
    assert 1e-3 < found.median < 1.0, "autocast rounds to 8 bits, and sampling leaves more than that open"
    assert np.isfinite([found.p99, found.image.bfloat16]).all()
    assert not torch.is_autocast_enabled("cpu")
