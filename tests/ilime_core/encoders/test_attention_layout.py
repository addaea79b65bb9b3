"""Attention with places first: the same layer, on inputs that lie the other way round."""

import copy

import numpy as np
import pytest
import torch
from PIL import Image
from tiny_transformers import built, encode_view, make_siglip
from torch import nn

from ilime_core.encoders.attention_layout import lay_places_first
from ilime_core.encoders.building import build_encoder
from ilime_core.encoders.precision import arithmetic


@pytest.fixture
def layer():
    torch.manual_seed(0)
    return nn.MultiheadAttention(24, 3, batch_first=True).eval().requires_grad_(requires_grad=False)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("is_self", [True, False])
@pytest.mark.parametrize("names", [(), ("key", "value"), ("query", "key", "value")])
def test_results_are_those_of_the_layer(layer, precision, is_self, names):
    queries, places = torch.randn(5, 4, 24), torch.randn(5, 7, 24)
    given = (queries, queries, queries) if is_self else (queries, places, places)
    mask = torch.zeros(4, given[1].shape[1]).masked_fill(torch.rand(4, given[1].shape[1]) < 0.3, -1e4)
    changed = lay_places_first(copy.deepcopy(layer))
    assert not changed.batch_first
    with arithmetic("cpu", precision):
        wanted, weights = layer(*given, attn_mask=mask)
        named = dict(zip(names, given[3 - len(names) :], strict=True))
        found, same_weights = changed(*given[: 3 - len(names)], attn_mask=mask, **named)
    tolerance = 1e-5 if precision == "float32" else 2e-2
    torch.testing.assert_close(found, wanted, atol=tolerance, rtol=0)
    torch.testing.assert_close(same_weights, weights, atol=tolerance, rtol=0)


def test_the_projection_reads_contiguous_rows_once(layer, monkeypatch):
    seen, linear = [], nn.functional.linear

    def watched(rows, *weights):
        seen.append((tuple(rows.shape), rows.is_contiguous()))
        return linear(rows, *weights)

    monkeypatch.setattr(nn.functional, "linear", watched)
    rows = torch.randn(5, 4, 24)
    with arithmetic("cpu", "bfloat16"):
        lay_places_first(layer)(rows, rows, rows, need_weights=False)
    assert seen == [
        ((4, 5, 24), True),
        ((20, 24), True),
    ]  # query, key and value together; then what they make


def test_a_model_in_bfloat16_is_laid_out_so_and_one_in_float32_is_not():
    image = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8))
    embedded, gated = {}, {}
    for precision, batch_first in (("float32", {True}), ("bfloat16", {False})):
        encoder = build_encoder("scenes", "cpu", precision)
        layers = [one for one in encoder.image._model.modules() if isinstance(one, nn.MultiheadAttention)]
        assert {one.batch_first for one in layers} == batch_first
        pixels = torch.tensor(encoder.image.view(image).pixels).permute(2, 0, 1)[None].float() / 255
        gated[precision] = encoder.image.encode_gated(pixels)
        texts = encoder.text.encode(encoder.text.tokenise(["a red circle", "a circle above a blue square"]))
        embedded[precision] = torch.cat([encoder.image.encode(pixels), texts])
    torch.testing.assert_close(embedded["bfloat16"], embedded["float32"], atol=2e-2, rtol=0)
    # What is differentiated is in float32 on both.
    torch.testing.assert_close(gated["bfloat16"], gated["float32"], atol=2e-6, rtol=0)


def test_siglips_pooling_is_laid_out_too(tmp_path):
    make_siglip(tmp_path / "siglip")
    image = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8))
    lower, exact = (built(tmp_path / "siglip", precision) for precision in ("bfloat16", "float32"))
    assert not lower.image._model.vision_model.head.attention.batch_first
    assert exact.image._model.vision_model.head.attention.batch_first
    torch.testing.assert_close(encode_view(lower, image), encode_view(exact, image), atol=3e-2, rtol=0)
