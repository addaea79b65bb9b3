"""The packaged model of generated scenes loads by its name, reads every word of a scene, and has learned.

Proves ilime_core.encoders.scenes.encoder.
"""

import pytest
import torch

from ilime_core.encoders.building import build_encoder, fingerprint_encoder
from ilime_core.encoders.scenes import CHECKPOINTS, CONFIGURATION
from ilime_core.encoders.spec import EncoderSpec
from ilime_core.errors import InputError
from ilime_core.synthetic.scene_batches import held_out_scenes
from ilime_core.synthetic.scenes import SIZES
from ilime_core.synthetic.shapes import COLOURS, SHAPES

N_SCENES = 100


@pytest.fixture(scope="module", autouse=True)
def _one_thread():
    torch.set_num_threads(1)


def recall_at_1(tag):
    encoder = build_encoder(EncoderSpec("scenes", pretrained=tag), "cpu", "float32")
    batch = held_out_scenes(N_SCENES, 1)
    images = encoder.image.encode(torch.from_numpy(batch.pixels).permute(0, 3, 1, 2).float() / 255)
    texts = encoder.text.encode(encoder.text.tokenise(batch.texts))
    own = torch.arange(N_SCENES)
    return tuple(float((m.argmax(1) == own).float().mean()) for m in (texts @ images.T, images @ texts.T))


def test_held_out_scenes_are_found_and_longer_training_finds_more():
    early, final = recall_at_1("early"), recall_at_1("final")
    assert min(early) > 0.7
    assert min(final) > 0.9
    assert sum(early) < sum(final)


def test_no_tag_is_the_end_of_the_training():
    assert fingerprint_encoder(EncoderSpec("scenes")) == fingerprint_encoder(
        EncoderSpec("scenes", pretrained="final")
    )
    assert fingerprint_encoder(EncoderSpec("scenes")) != fingerprint_encoder(
        EncoderSpec("scenes", pretrained="early")
    )


def test_it_is_the_open_clip_model_of_its_files():
    plain = EncoderSpec("open_clip", model=str(CONFIGURATION), checkpoint=CHECKPOINTS["early"])
    named = build_encoder(EncoderSpec("scenes", pretrained="early"), "cpu", "float32")
    assert named.fingerprint() == fingerprint_encoder(plain)
    assert (named.image.patch_size, named.image.dim, named.text.context_length) == (8, 128, 32)


def test_weights_are_half_precision_and_computed_with_in_single():
    from safetensors import safe_open

    with safe_open(CHECKPOINTS["final"], "pt") as weights:
        assert {weights.get_tensor(name).dtype for name in weights.keys()} == {torch.float16}  # noqa: SIM118 - no mapping
    encoder = build_encoder(EncoderSpec("scenes"), "cpu", "float32")
    assert encoder.image.encode(torch.full((1, 3, 64, 64), 0.4)).dtype == torch.float32


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"pretrained": "late"}, "no weights 'late'; there are final, early"),
        ({"model": "ViT-B-32"}, "'scenes' does not know model"),
        ({"force_quick_gelu": True}, "'scenes' does not know force_quick_gelu"),
    ],
)
def test_what_it_does_not_know_is_refused(fields, message):
    with pytest.raises(InputError, match=message):
        fingerprint_encoder(EncoderSpec("scenes", **fields))


def test_every_word_of_a_scene_is_one_token_but_cyan():
    text = build_encoder(EncoderSpec("scenes"), "cpu", "float32").text
    words = [*SIZES, *COLOURS, *SHAPES, "a", "and", "above", "below", "left", "right", "of"]
    assert [word for word in words if len(text.token_spans(word)) != 1] == ["cyan"]
    assert text.token_spans("cyan") == [(0, 2), (2, 4)]


def test_the_longest_caption_fits_the_context():
    text = build_encoder(EncoderSpec("scenes"), "cpu", "float32").text
    longest = "a small cyan circle right of a large cyan square and a small cyan ring and a large cyan cross"
    assert len(text.tokenise([longest])[0]) <= text.context_length
