"""First items of a corpus: their choice, and their embeddings against single calls of the towers."""

import planted_plugin
import pytest
import torch
from tiny_benchmark import make_benchmark

from tasks.forecast.first_items import encode_side, load_sides
from tasks.spec import ExplainParameters


@pytest.fixture
def benchmark(tmp_path):
    return make_benchmark(tmp_path / "corpus")


def sides_of(benchmark, tmp_path, **changes):
    parameters = ExplainParameters.model_validate(benchmark.spec(tmp_path / "tables", **changes))
    return load_sides(parameters, planted_plugin.make("cpu", "float32"))


def test_all_of_a_small_corpus_is_read_in_its_order(benchmark, tmp_path):
    corpus, (images, texts) = sides_of(benchmark, tmp_path)
    assert (images.rows, texts.rows) == ([0, 1, 2, 3], list(range(8)))
    assert texts.texts == [entry.text for entry in corpus.right]
    assert [view.pixels.shape for view in images.views] == [(24, 24, 3)] * 4
    assert images.failures == texts.failures == []


def test_a_limit_takes_the_first_images_and_their_captions(benchmark, tmp_path):
    benchmark_spec = benchmark.spec(tmp_path / "tables")
    benchmark_spec["corpus"]["limit"] = 2
    parameters = ExplainParameters.model_validate(benchmark_spec)
    _, (images, texts) = load_sides(parameters, planted_plugin.make("cpu", "float32"))
    assert (images.rows, texts.rows) == ([0, 1], [0, 1, 2, 3])


def test_unusable_items_are_failures_and_keep_the_places_of_the_others(benchmark, tmp_path):
    (benchmark.images / "shapes-1.png").write_bytes(b"no image")
    longest = {"text": {"max_characters": 30}}
    corpus, (images, texts) = sides_of(benchmark, tmp_path, segmentation=longest)
    assert images.rows == [0, 2, 3]
    assert len(images.failures) == 1
    assert images.failures[0].startswith("not an image of a known format")
    short = [row for row, entry in enumerate(corpus.right) if len(entry.text) <= 30]
    assert texts.rows == short
    assert 0 < len(short) == 8 - len(texts.failures)


@pytest.mark.parametrize("batch", [1, 3, 8])
def test_embeddings_are_those_of_single_calls_whatever_the_batch(benchmark, tmp_path, batch):
    changes = {"blocks": {"image_batch": batch, "text_batch": batch}}
    encoder = planted_plugin.make("cpu", "float32")
    blocks = ExplainParameters.model_validate(benchmark.spec(tmp_path, **changes)).blocks
    _, (images, texts) = sides_of(benchmark, tmp_path)
    found, probe = encode_side(encoder, images, blocks)
    pixels = [torch.from_numpy(view.pixels.copy()).permute(2, 0, 1)[None] / 255 for view in images.views]
    torch.testing.assert_close(found, torch.cat([encoder.image.encode(one) for one in pixels]))
    assert (probe.n_non_finite, probe.repeats) == (0, True)
    found, probe = encode_side(encoder, texts, blocks)
    alone = torch.cat([encoder.text.encode(encoder.text.tokenise([text])) for text in texts.texts])
    torch.testing.assert_close(found, alone)
    assert probe.norm_error < 1e-6
