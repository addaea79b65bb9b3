"""Closed and open gates are masks; torch is left as it was; a tower without gates is named."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from every import every
from gated_items import gated_image, gated_text, segments_of
from tiny_transformers import MAKERS, built

from ilime_core.encoding.encoded import MaskedImage
from ilime_core.encoding.images import encode_masked_images
from ilime_core.errors import InputError
from ilime_core.perturbation.text_removal import remove_words
from ilime_core.white_box.gated_towers import gated_tower
from ilime_core.white_box.text_gates import gate_words

SENTENCE = "a red circle above the blue square"


@pytest.fixture(scope="module", params=["clip", "siglip"])
def transformers(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    MAKERS[request.param](folder)
    return built(folder)


def masks_of(n):
    masks = np.random.default_rng(1).random((6, n)) < 0.5
    masks[0], masks[1] = False, True
    return masks


def check_image(encoder, side=64):
    content = gated_image(side)
    masks = masks_of(content.n_segments)
    job = MaskedImage("it", content.pixels, content.baseline, content.labels, masks)
    [wanted] = encode_masked_images(encoder, [job], batch_size=4)
    found = gated_tower(encoder, content)(torch.from_numpy(masks).float())
    assert torch.allclose(found, wanted.embeddings, atol=3e-6)


def check_text(encoder, text):
    segments = segments_of(text)
    content = gate_words(encoder.text, segments)
    assert every(content.words.count(word) == 1 for word in range(content.n_segments)), "one token a word"
    assert len(content.substitute) == 1
    masks = masks_of(content.n_segments)
    texts = remove_words(segments, masks, "mask", encoder.text.mask_word)
    wanted = encoder.text.encode(encoder.text.tokenise(texts))
    found = gated_tower(encoder, content)(torch.from_numpy(masks).float())
    assert torch.allclose(found, wanted, atol=3e-6)


def test_gates_of_an_image_at_both_ends_are_masks(scenes_clip, transformers):
    check_image(scenes_clip)
    check_image(transformers)


def test_gates_of_one_token_words_at_both_ends_are_the_removal_mask(scenes_clip):
    check_text(scenes_clip, SENTENCE)


def test_a_closed_gate_puts_the_substitute_in_place_of_the_token(transformers):
    tower = transformers.text
    row = tower.tokenise(["the cat beside"])[0]
    other = row[1]
    gates = torch.ones(3, len(row))
    gates[1, 0] = gates[2, 2] = 0.0
    replaced = [row, [other, *row[1:]], [*row[:2], other, *row[3:]]]
    found = tower.encode_gated(row, gates, [other])
    assert torch.allclose(found, tower.encode(replaced), atol=3e-6)
    assert not torch.allclose(found[0], found[2], atol=1e-3)


@pytest.mark.slow
def test_conse_has_both_kinds_of_gates():
    from ilime_core.encoders.building import build_encoder
    from ilime_core.encoders.spec import EncoderSpec

    encoder = build_encoder(EncoderSpec("conse"), "cpu", "float32")
    check_text(encoder, SENTENCE)
    check_image(encoder, 224)


def test_gates_between_the_ends_mix_and_answer(scenes_clip):
    content = gated_image()
    tower = gated_tower(scenes_clip, content)
    middle, full, empty = (tower(torch.full((1, 9), gate)) for gate in (0.5, 1.0, 0.0))
    mixed = torch.tensor((content.pixels / 2.0 + content.baseline / 2.0) / 255).permute(2, 0, 1)[None].float()
    assert torch.allclose(middle, scenes_clip.image.encode(mixed), atol=1e-5)
    assert not torch.allclose(middle, full, atol=1e-3)
    assert not torch.allclose(middle, empty, atol=1e-3)


def test_torch_and_the_network_are_left_as_they_were(scenes_clip):
    network = scenes_clip.text._model
    before = torch.backends.mha.get_fastpath_enabled(), torch.backends.cuda.flash_sdp_enabled()
    gated_text(scenes_clip)
    assert (torch.backends.mha.get_fastpath_enabled(), torch.backends.cuda.flash_sdp_enabled()) == before
    assert not any(module._forward_hooks for module in network.modules())
    assert not any(parameter.requires_grad for parameter in network.parameters())


def test_reverse_derivatives_flow_too(scenes_clip):
    for item in (gated_image(encoder=scenes_clip), gated_text(scenes_clip)):
        gates = torch.ones(1, item.content.n_segments, requires_grad=True)
        gated_tower(scenes_clip, item.content)(gates)[0, 0].backward()
        assert gates.grad.abs().min() > 0


def test_a_tower_without_gates_is_named():
    encoder = SimpleNamespace(image=object(), text=object(), device="cpu", fingerprint=str)
    with pytest.raises(InputError, match="object has no method encode_gated"):
        gated_tower(encoder, gated_image())
