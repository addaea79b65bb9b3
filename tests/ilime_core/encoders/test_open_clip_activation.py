"""Weights that are put into the wrong activation are told of, with the cure.

Proves ilime_core.encoders.open_clip.source.
"""

import warnings

import pytest
import torch
from safetensors.torch import save_file

from ilime_core.encoders.open_clip import source as open_clip_source
from ilime_core.encoders.spec import EncoderSpec
from ilime_core.errors import IlimeWarning


@pytest.fixture
def weights(monkeypatch, tmp_path):
    """A tag's weights without a download: no network is built from them here."""
    path = tmp_path / "weights.safetensors"
    save_file({"logit_scale": torch.ones(1)}, path)
    monkeypatch.setattr(open_clip_source, "hub_file", lambda *_: path)
    monkeypatch.setattr(open_clip_source, "download_pretrained", lambda *_: str(path))


@pytest.mark.parametrize(
    ("model", "tag", "force", "message"),
    [
        ("ViT-B-32", "openai", False, "QuickGELU and ViT-B-32 computes plain GELU.*force_quick_gelu: true"),
        ("ViT-B-32", "laion2b_s34b_b79k", True, "trained with plain GELU.*take model.force_quick_gelu away"),
        ("ViT-B-32-quickgelu", "openai", False, None),
        ("ViT-B-32", "openai", True, None),
        ("ViT-B-32", "laion2b_s34b_b79k", False, None),
    ],
)
def test_a_mismatch_and_its_cure(weights, model, tag, force, message):
    spec = EncoderSpec("open_clip", model=model, pretrained=tag, force_quick_gelu=force)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        open_clip_source.resolve_source(spec)
    ours = [str(warning.message) for warning in caught if issubclass(warning.category, IlimeWarning)]
    assert len(ours) == (message is not None)
    if message is not None:
        with pytest.warns(IlimeWarning, match=message):
            open_clip_source.resolve_source(spec)


def test_an_architecture_named_quickgelu_with_plain_weights(weights, monkeypatch):
    monkeypatch.setattr(open_clip_source, "_tag", lambda *_: {"url": "https://example.org/w.pt"})
    with pytest.warns(IlimeWarning, match=r"set model\.model: ViT-B-32$"):
        open_clip_source.resolve_source(
            EncoderSpec("open_clip", model="ViT-B-32-quickgelu", pretrained="plain")
        )
