"""Seconds of an item, by a clock that is known: full batches of the corpus's items, the first one apart."""

from types import SimpleNamespace

import planted_plugin
import pytest
from gated_items import image_tower
from tiny_benchmark import make_benchmark

from tasks.corpora.registry import open_corpus
from tasks.forecast.calibration import CALIBRATED, LONGEST_S, time_images, time_texts
from tasks.spec import ExplainParameters

ENDS = [98.0, 100.0, 100.5, 101.0, 101.5, 103.0]
"""Start, and ends of the batches: the first takes 2 s, the four others 3 s."""


@pytest.fixture
def corpus(tmp_path, monkeypatch):
    ticks = iter(ENDS)
    monkeypatch.setattr("tasks.forecast.calibration.time", SimpleNamespace(perf_counter=lambda: next(ticks)))
    spec = make_benchmark(tmp_path / "corpus").spec(tmp_path / "tables")
    return open_corpus(ExplainParameters.model_validate(spec).corpus)


@pytest.mark.parametrize("batch", [2, 6])
@pytest.mark.parametrize(("speed", "tower"), [(time_images, "image"), (time_texts, "text")])
def test_an_item_takes_its_share_of_the_mean_batch_after_the_first(corpus, monkeypatch, speed, tower, batch):
    monkeypatch.setitem(planted_plugin.rows, tower, 0)
    found = speed(planted_plugin.make("cpu", "float32"), corpus, batch)
    assert (found.per_s, found.first_s) == pytest.approx((batch / 0.75, 2.0 - 0.75))
    assert planted_plugin.rows[tower] == (CALIBRATED + 1) * batch


def test_where_patches_are_left_out_half_of_them_are_timed(corpus, monkeypatch):
    encoder = image_tower(patch_size=16, width=64, layers=1, head_width=32)[0]
    shown, encode = [], encoder.image.encode_kept

    def watched(pixels, images, patches):
        shown.append(tuple(patches.shape))
        return encode(pixels, images, patches)

    monkeypatch.setattr(encoder.image, "encode_kept", watched)
    full = SimpleNamespace(**vars(encoder) | {"text": planted_plugin.make("cpu", "float32").text})
    assert time_images(full, corpus, 3, paints=False).per_s == pytest.approx(3 / 0.75)
    assert shown == [(3, 8)] * (CALIBRATED + 1)


def test_a_slow_tower_is_timed_by_a_single_batch(corpus, monkeypatch):
    ticks = iter([0.0, 2.0, 2.0 + LONGEST_S])
    monkeypatch.setattr("tasks.forecast.calibration.time", SimpleNamespace(perf_counter=lambda: next(ticks)))
    monkeypatch.setitem(planted_plugin.rows, "image", 0)
    found = time_images(planted_plugin.make("cpu", "float32"), corpus, 4)
    assert (found.each_s, found.first_s) == (LONGEST_S / 4, 0.0)
    assert planted_plugin.rows["image"] == 2 * 4


def test_half_of_the_words_are_left_out_where_removed_words_are(corpus, monkeypatch):
    encoder, seen = planted_plugin.make("cpu", "float32"), []
    tokenise = encoder.text.tokenise
    monkeypatch.setattr(encoder.text, "tokenise", lambda texts: seen.extend(texts) or tokenise(texts))
    time_texts(encoder, corpus, 2, drops=True)
    texts = [entry.text for entry in corpus.right[:2]]
    assert set(seen) == {" ".join(text.split()[::2]) for text in texts}
