"""Items a second, by a clock that is known: full batches of the corpus's items, the first one not timed."""

from types import SimpleNamespace

import planted_plugin
import pytest
from gated_items import image_tower
from tiny_benchmark import make_benchmark

from tasks.corpora.registry import open_corpus
from tasks.forecast.calibration import CALIBRATED, images_per_s, texts_per_s
from tasks.spec import ExplainParameters

ENDS = [100.0, 100.5, 101.0, 101.5, 103.0]
"""Ends of the batches: the first takes any time, the four others take 3 s."""


@pytest.fixture
def corpus(tmp_path, monkeypatch):
    ticks = iter(ENDS)
    monkeypatch.setattr("tasks.forecast.calibration.time", SimpleNamespace(perf_counter=lambda: next(ticks)))
    spec = make_benchmark(tmp_path / "corpus").spec(tmp_path / "tables")
    return open_corpus(ExplainParameters.model_validate(spec).corpus)


@pytest.mark.parametrize("batch", [2, 6])
@pytest.mark.parametrize(("speed", "tower"), [(images_per_s, "image"), (texts_per_s, "text")])
def test_speed_is_the_batch_over_the_mean_time_of_a_batch(corpus, monkeypatch, speed, tower, batch):
    monkeypatch.setitem(planted_plugin.rows, tower, 0)
    assert speed(planted_plugin.make("cpu", "float32"), corpus, batch) == pytest.approx(batch / 0.75)
    assert planted_plugin.rows[tower] == (CALIBRATED + 1) * batch


def test_where_patches_are_left_out_half_of_them_are_timed(corpus, monkeypatch):
    encoder = image_tower(patch_size=16, width=64, layers=1, head_width=32)[0]
    shown, encode = [], encoder.image.encode_kept

    def watched(pixels, images, patches):
        shown.append(tuple(patches.shape))
        return encode(pixels, images, patches)

    monkeypatch.setattr(encoder.image, "encode_kept", watched)
    full = SimpleNamespace(**vars(encoder) | {"text": planted_plugin.make("cpu", "float32").text})
    assert images_per_s(full, corpus, 3, paints=False) == pytest.approx(3 / 0.75)
    assert shown == [(3, 8)] * (CALIBRATED + 1)
