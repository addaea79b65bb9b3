"""Encoders of open_clip: embeddings of the library, trimming, truncation and refusals.

Proves ilime_core.encoders.building, ilime_core.encoders.spec, ilime_core.encoders.image_tower,
ilime_core.encoders.open_clip.text, ilime_core.encoders.open_clip.tokens, ilime_core.encoders.text_tower and
ilime_core.encoders.trimming.
"""

import json
import pickle
import warnings
from dataclasses import replace

import open_clip
import pytest
import torch
from open_clip.transform import PreprocessCfg, image_transform_v2
from PIL import Image
from safetensors.torch import save_file
from skimage import data

from ilime_core.encoders.building import build_encoder, fingerprint_encoder
from ilime_core.encoders.spec import EncoderSpec
from ilime_core.errors import IlimeWarning, InputError

CONFIGURATION = {
    "embed_dim": 32,
    "vision_cfg": {"image_size": 64, "patch_size": 16, "width": 64, "layers": 2, "head_width": 32},
    "text_cfg": {"context_length": 24, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 2},
}
TEXTS = ["", "a cat", "a photo of a tabby cat &amp; a dog", "word " * 60]


def with_text(**changes):
    return CONFIGURATION | {"text_cfg": CONFIGURATION["text_cfg"] | changes}


def saved(folder, configuration=CONFIGURATION, kind=open_clip.CLIP, suffix=".safetensors", **preprocess):
    torch.manual_seed(0)
    model = kind(**{k: v for k, v in configuration.items() if k != "custom_text"}).eval()
    # Positions start near zero; larger ones make every place in a row matter.
    for name, parameter in model.named_parameters():
        if "positional_embedding" in name:
            torch.nn.init.normal_(parameter)
    path = folder / f"weights{suffix}"
    save_file(model.state_dict(), path) if suffix == ".safetensors" else torch.save(model.state_dict(), path)
    layout = {"model_cfg": configuration, "preprocess_cfg": preprocess}
    (folder / "model.json").write_text(json.dumps(layout))
    return model, EncoderSpec("open_clip", model=str(folder / "model.json"), checkpoint=path)


def encode_view(encoder, image):
    pixels = torch.tensor(encoder.image.view(image).pixels).permute(2, 0, 1)[None]
    return encoder.image.encode(pixels.float() / 255)


@pytest.mark.parametrize("suffix", [".safetensors", ".pt"])
def test_embeddings_are_those_of_the_model_itself(tmp_path, suffix):
    model, spec = saved(
        tmp_path, suffix=suffix, resize_mode="longest", fill_color=7, mean=[0.5] * 3, std=[0.5] * 3
    )
    encoder = build_encoder(spec, "cpu", "float32")
    image = Image.fromarray(data.chelsea())
    own = image_transform_v2(
        PreprocessCfg(size=64, resize_mode="longest", fill_color=7, mean=(0.5,) * 3, std=(0.5,) * 3),
        is_train=False,
    )
    with torch.no_grad():
        picture = model.encode_image(own(image)[None], normalize=True)
        texts = model.encode_text(open_clip.SimpleTokenizer(context_length=24)(TEXTS), normalize=True)
    assert torch.allclose(encode_view(encoder, image), picture, atol=1e-5)
    assert torch.allclose(encoder.text.encode(encoder.text.tokenise(TEXTS)), texts, atol=1e-5)
    assert (encoder.image.dim, encoder.text.dim, encoder.image.patch_size) == (32, 32, 16)


def test_a_causal_tower_is_trimmed_and_loses_nothing(tmp_path):
    _, spec = saved(tmp_path)
    text = build_encoder(spec, "cpu", "float32").text
    assert text.is_trimmed
    rows = text.tokenise(["a cat"])
    assert len(rows[0]) == 4
    assert torch.allclose(text.encode(rows), text.encode(rows, 24), atol=1e-6)


@pytest.mark.parametrize("changes", [{"no_causal_mask": True}, {"pool_type": "last"}])
def test_a_tower_that_padding_changes_takes_the_whole_context(tmp_path, changes):
    configuration = with_text(**changes) | {"custom_text": True}
    model, spec = saved(tmp_path, configuration, open_clip.CustomTextCLIP)
    text = build_encoder(spec, "cpu", "float32").text
    assert not text.is_trimmed
    with torch.no_grad():
        own = model.encode_text(open_clip.SimpleTokenizer(context_length=24)(TEXTS), normalize=True)
    assert torch.allclose(text.encode(text.tokenise(TEXTS), width=5), own, atol=1e-5)


def test_a_custom_causal_tower_is_trimmed(tmp_path):
    _, spec = saved(tmp_path, CONFIGURATION | {"custom_text": True}, open_clip.CustomTextCLIP)
    assert build_encoder(spec, "cpu", "float32").text.is_trimmed


@pytest.mark.slow
def test_bfloat16_moves_embeddings_a_little_and_they_stay_float32(tmp_path):
    _, spec = saved(tmp_path)
    image = Image.fromarray(data.chelsea())
    exact = encode_view(build_encoder(spec, "cpu", "float32"), image)
    coarse = encode_view(build_encoder(spec, "cpu", "bfloat16"), image)
    assert coarse.dtype == torch.float32
    assert 0 < (exact - coarse).abs().max() < 0.02


@pytest.mark.slow
def test_quick_gelu_changes_embeddings_and_fingerprint(tmp_path):
    _, spec = saved(tmp_path)
    quick = replace(spec, force_quick_gelu=True)
    image = Image.fromarray(data.chelsea())
    plain, other = (encode_view(build_encoder(s, "cpu", "float32"), image) for s in (spec, quick))
    assert (plain - other).abs().max() > 1e-4
    assert fingerprint_encoder(spec) != fingerprint_encoder(quick)


@pytest.mark.slow
def test_the_fingerprint_needs_no_model_and_moves_with_every_part(tmp_path):
    specs = {}
    for name in ["plain", "weights", "preprocessing", "tokenizer", "moved"]:
        (tmp_path / name).mkdir()
        configuration = (
            with_text(tokenizer_kwargs={"clean": "canonicalize"}) if name == "tokenizer" else CONFIGURATION
        )
        preprocess = {"mean": [0.1, 0.2, 0.3]} if name == "preprocessing" else {}
        model, specs[name] = saved(tmp_path / name, configuration, **preprocess)
        if name == "weights":
            state = model.state_dict()
            state["logit_scale"] = state["logit_scale"] + 1e-3
            save_file(state, specs[name].checkpoint)
    digests = {name: fingerprint_encoder(spec) for name, spec in specs.items()}
    assert (
        digests["plain"] == digests["moved"] == build_encoder(specs["plain"], "cpu", "float32").fingerprint()
    )
    assert len(set(digests.values())) == 4


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("A tabby cat's bed", ["A", "tabby", "cat", "'s", "bed"]),
        ("Two   dogs &amp; a cat", ["Two", "dogs", "&", "a", "cat"]),
        ("unbelievableness", ["unbeliev", "ab", "leness"]),
        ("", []),
    ],
)
def test_token_spans_point_into_the_text_as_it_was_given(tmp_path, text, pieces):
    _, spec = saved(tmp_path)
    tower = build_encoder(spec, "cpu", "float32").text
    spans = tower.token_spans(text)
    assert [
        text[start:end][: len(piece)] for (start, end), piece in zip(spans, pieces, strict=True)
    ] == pieces
    assert len(spans) == len(tower.tokenise([text])[0]) - 2


def test_every_token_of_an_emoji_covers_the_emoji(tmp_path):
    _, spec = saved(tmp_path)
    tower = build_encoder(spec, "cpu", "float32").text
    text = "a \U0001f408 sat"
    spans = tower.token_spans(text)
    assert spans[0] == (0, 1)
    assert spans[-1] == (4, 7)
    assert {text[start:end] for start, end in spans[1:-1]} == {"\U0001f408"}


class Trap:
    def __reduce__(self):
        return (print, ("this must not run",))


def test_a_pickle_that_is_more_than_tensors_is_refused_in_one_line(tmp_path, capsys):
    _, spec = saved(tmp_path)
    trap = tmp_path / "trap.pt"
    trap.write_bytes(pickle.dumps({"state_dict": Trap()}, protocol=2))
    with pytest.raises(InputError, match="holds more than tensors") as caught:
        build_encoder(replace(spec, checkpoint=trap), "cpu", "float32")
    assert "\n" not in str(caught.value)
    assert capsys.readouterr().out == ""


def test_weights_of_another_shape_are_refused_in_one_line(tmp_path):
    _, spec = saved(tmp_path)
    (tmp_path / "other").mkdir()
    _, other = saved(tmp_path / "other", CONFIGURATION | {"embed_dim": 48})
    with pytest.raises(InputError, match="does not fit") as caught:
        build_encoder(replace(spec, checkpoint=other.checkpoint), "cpu", "float32")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"text_cfg": {"context_length": 20}},
            "trained on texts of 24 tokens and .*json reads 20: positions are",
        ),
        ({"vision_cfg": {"image_size": 96}}, "trained on images of 16 patches and .*json cuts them into 36"),
        ({"vision_cfg": {"patch_size": 16, "image_size": [64, 32]}}, "images of 16 patches and .* into 8: "),
    ],
)
def test_positions_that_open_clip_resamples_in_silence_are_warned_of(tmp_path, changes, message):
    _, spec = saved(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fingerprint_encoder(spec)
    other = CONFIGURATION | {name: CONFIGURATION[name] | change for name, change in changes.items()}
    (tmp_path / "model.json").write_text(json.dumps({"model_cfg": other}))
    with pytest.warns(IlimeWarning, match=message):
        fingerprint_encoder(spec)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"model": "ViT-B-99"}, "knows no architecture 'ViT-B-99'"),
        ({"model": "ViT-B-32"}, "needs weights: a pretrained tag or a checkpoint"),
        ({"model": "ViT-B-32", "pretrained": "laion2b_s34"}, "Nearest: laion2b"),
        ({"model": "hf-hub:a/b", "pretrained": "openai"}, "keep one of them"),
        ({"model": "nowhere.json"}, "cannot be read as JSON"),
        ({"model": "ViT-B-32", "factory": "a:b"}, "does not know factory"),
    ],
)
def test_bad_specs_are_named(fields, message):
    with pytest.raises(InputError, match=message):
        fingerprint_encoder(EncoderSpec("open_clip", **fields))
