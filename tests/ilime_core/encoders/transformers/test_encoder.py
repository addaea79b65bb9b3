"""CLIP and SigLIP of the transformers library: what they embed is what the library itself embeds.

Proves ilime_core.encoders.transformers.tokens and ilime_core.encoders.transformers.view.
"""

import json
import shutil

import pytest
import torch
from PIL import Image
from skimage import data
from tiny_transformers import MAKERS, built, encode_view, make_clip

from ilime_core.errors import InputError

TEXTS = ["", "a cat", "A dog  beside the red circle", "the cat beside " * 20]


def own_embeddings(folder, model, image, texts):
    """What transformers itself says, by its processor that resizes with Pillow."""
    from transformers import AutoTokenizer
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
    from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

    kind = CLIPImageProcessorPil if model.config.model_type == "clip" else SiglipImageProcessorPil
    pixels = kind.from_pretrained(folder)(images=image, return_tensors="pt").pixel_values
    rows = AutoTokenizer.from_pretrained(folder)(
        texts,
        padding="max_length",
        truncation=True,
        max_length=model.config.text_config.max_position_embeddings,
        return_tensors="pt",
    ).input_ids
    with torch.no_grad():
        pictures = model.get_image_features(pixels).pooler_output
        words = model.get_text_features(rows).pooler_output
    return (torch.nn.functional.normalize(rows, dim=-1) for rows in (pictures, words))


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("size", [(451, 300), (100, 168), (64, 64)])
def test_embeddings_are_those_of_the_library(models, name, size):
    folder, model = models[name]
    image = Image.fromarray(data.chelsea()).resize(size)
    encoder = built(folder)
    picture, words = own_embeddings(folder, model, image, TEXTS)
    assert torch.allclose(encode_view(encoder, image), picture, atol=1e-5)
    assert torch.allclose(encoder.text.encode(encoder.text.tokenise(TEXTS)), words, atol=1e-5)
    assert (words[1] - words[2]).abs().max() > 1e-2
    assert (encoder.image.dim, encoder.text.dim) == (picture.shape[1], words.shape[1])
    assert encoder.image.patch_size == 16


def test_clip_crops_and_siglip_squashes(models):
    wide = Image.new("RGB", (200, 100))
    clip, siglip = (built(models[name][0]).image.view(wide).geometry for name in ("clip", "siglip"))
    assert (clip.left, clip.top, clip.scale_x, clip.scale_y) == (50, 0, 0.64, 0.64)
    assert (siglip.left, siglip.top, siglip.scale_x, siglip.scale_y) == (0, 0, 0.32, 0.64)


def test_a_crop_from_a_larger_picture_has_its_place(models, tmp_path):
    folder = tmp_path / "larger"
    shutil.copytree(models["clip"][0], folder)
    path = folder / "preprocessor_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"size": {"shortest_edge": 80}}))
    image = Image.fromarray(data.chelsea())
    encoder = built(folder)
    picture, _ = own_embeddings(folder, models["clip"][1], image, TEXTS[:2])
    assert torch.allclose(encode_view(encoder, image), picture, atol=1e-5)
    geometry = encoder.image.view(Image.new("RGB", (200, 100))).geometry
    assert (geometry.left, geometry.top, geometry.scale_x) == (60, 10, 0.8)


@pytest.mark.parametrize(("name", "trimmed"), [("clip", True), ("siglip", False)])
def test_only_a_causal_tower_is_trimmed(models, name, trimmed):
    folder, model = models[name]
    text = built(folder).text
    assert text.is_trimmed is trimmed
    rows = text.tokenise(["a cat", "a dog beside the cat"])
    length = model.config.text_config.max_position_embeddings
    assert torch.allclose(text.encode(rows), text.encode(rows, length), atol=1e-6)
    with torch.no_grad():  # what trimming would do to a tower that reads its last position
        short = model.text_model(input_ids=torch.tensor([rows[0]])).pooler_output
    if not trimmed:
        short = torch.nn.functional.normalize(short, dim=-1)
        assert (short - text.encode(rows[:1])).abs().max() > 1e-2


def test_an_old_configuration_reads_clip_at_its_largest_token(models, tmp_path):
    _, model = models["clip"]
    make_clip(tmp_path, eos_token_id=2)
    encoder, plain = built(tmp_path), built(models["clip"][0])
    assert encoder.text.is_trimmed
    rows = encoder.text.tokenise(TEXTS)
    assert max(rows[1]) == rows[1][-1] == model.config.text_config.eos_token_id
    assert torch.allclose(encoder.text.encode(rows), plain.text.encode(rows), atol=1e-6)


def test_a_tower_that_is_read_at_a_token_which_no_text_has_is_refused(tmp_path):
    make_clip(tmp_path, eos_token_id=7)
    with pytest.raises(InputError, match="is read at token 7, but its tokenizer ends texts with"):
        built(tmp_path)


def test_rows_are_cut_as_the_tokenizer_cuts_and_know_their_length(models):
    text = built(models["clip"][0]).text
    (row,) = text.tokenise(["cat " * 60])
    assert len(row) == 62
    assert (text.context_length, text.mask_word) == (24, "x")
    cut = [*row[:23], row[-1]]
    assert torch.allclose(text.encode([row]), text.encode([cut]), atol=1e-6)
    assert built(models["siglip"][0]).text.mask_word == "<unk>"


def test_token_spans_point_into_the_text_as_it_was_given(models):
    text = "A  cat, é dog"
    spans = built(models["clip"][0]).text.token_spans(text)
    assert [text[start:end] for start, end in spans] == ["A", "cat", ",", "é", "é", "dog"]
    spans = built(models["siglip"][0]).text.token_spans("A cat")
    assert ["A cat"[start:end].strip() for start, end in spans] == ["A", "cat"]
    with pytest.raises(InputError, match="segment texts by word"):
        built(models["siglip_sentencepiece"][0]).text.token_spans("a cat")


def test_bfloat16_moves_embeddings_a_little_and_they_stay_float32(models):
    folder = models["siglip"][0]
    exact, coarse = built(folder), built(folder, "bfloat16")
    image = Image.fromarray(data.chelsea())
    rows = exact.text.tokenise(TEXTS)
    for one, other in (
        (encode_view(exact, image), encode_view(coarse, image)),
        (exact.text.encode(rows), coarse.text.encode(rows)),
    ):
        assert other.dtype == torch.float32
        assert 0 < (one - other).abs().max() < 0.03


def test_views_are_those_of_the_librarys_pillow_processor_to_the_last_bit(models):
    import numpy as np
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    folder = models["clip"][0]
    own = CLIPImageProcessorPil.from_pretrained(folder, do_rescale=False, do_normalize=False)
    encoder, rng = built(folder), np.random.default_rng(0)
    for size in rng.integers(20, 400, (20, 2)):
        image = Image.fromarray(data.chelsea()).resize(size.tolist())
        wanted = own(images=image, return_tensors="np").pixel_values[0]
        assert np.array_equal(encoder.image.view(image).pixels, wanted.transpose(1, 2, 0))
