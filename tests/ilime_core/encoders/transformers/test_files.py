"""Where a transformers model comes from: what is part of it, what is refused, what needs no network.

Proves ilime_core.encoders.hub_files.
"""

import json
import shutil

import pytest
import torch
from PIL import Image
from skimage import data
from tiny_transformers import built, encode_view, spec_of

from ilime_core.encoders.building import fingerprint_encoder
from ilime_core.encoders.spec import EncoderSpec
from ilime_core.errors import InputError


def test_the_fingerprint_needs_no_network_and_moves_with_every_part(models, tmp_path):
    from safetensors.torch import load_file, save_file

    folder = models["clip"][0]
    digests = {"own": fingerprint_encoder(spec_of(folder)), "built": built(folder).fingerprint()}
    for name in ("copied", "weights", "image_mean", "activation", "merges"):
        copy = tmp_path / name
        shutil.copytree(folder, copy)
        if name == "weights":
            tensors = load_file(copy / "model.safetensors")
            tensors["logit_scale"] = tensors["logit_scale"] + 1e-3
            save_file(tensors, copy / "model.safetensors", metadata={"format": "pt"})
        elif name != "copied":
            _change(copy, name)
        digests[name] = fingerprint_encoder(spec_of(copy))
    assert digests["own"] == digests["built"] == digests["copied"]
    assert len(set(digests.values())) == 5


def _change(folder, what):
    file = {
        "image_mean": "preprocessor_config.json",
        "activation": "config.json",
        "merges": "tokenizer.json",
    }[what]
    content = json.loads((folder / file).read_text())
    if what == "image_mean":
        content["image_mean"] = [0.1, 0.2, 0.3]
    elif what == "activation":
        content["vision_config"]["hidden_act"] = "gelu"
        content["_name_or_path"] = "elsewhere"
    else:
        content["model"]["merges"] = content["model"]["merges"][:2]
    (folder / file).write_text(json.dumps(content))


def test_where_a_model_was_saved_by_which_version_is_no_part_of_it(models, tmp_path):
    shutil.copytree(models["clip"][0], tmp_path / "copy")
    path = tmp_path / "copy" / "config.json"
    content = json.loads(path.read_text()) | {"_name_or_path": "elsewhere", "transformers_version": "4.50.0"}
    path.write_text(json.dumps(content))
    assert fingerprint_encoder(spec_of(tmp_path / "copy")) == fingerprint_encoder(spec_of(models["clip"][0]))


def test_shards_are_one_model(models, tmp_path):
    folder, model = models["siglip"]
    shutil.copytree(folder, tmp_path / "sharded", ignore=shutil.ignore_patterns("model.safetensors"))
    model.save_pretrained(tmp_path / "sharded", max_shard_size="200KB")
    assert len(list((tmp_path / "sharded").glob("*.safetensors"))) > 1
    image = Image.fromarray(data.chelsea())
    assert torch.equal(encode_view(built(folder), image), encode_view(built(tmp_path / "sharded"), image))


@pytest.mark.parametrize(
    ("file", "changes", "message"),
    [
        ("preprocessor_config.json", {"rescale_factor": 1 / 127.5}, "rescale_factor"),
        ("preprocessor_config.json", {"resample": 0}, "resample 0"),
        ("preprocessor_config.json", {"do_center_crop": False}, "size"),
        ("preprocessor_config.json", {"crop_size": {"height": 32, "width": 32}}, "its tower takes 64 x 64"),
        ("config.json", {"model_type": "siglip2"}, "type 'siglip2'; known are CLIP"),
        ("config.json", {"projection_dim": 48}, "do not fit its configuration"),
        ("tokenizer_config.json", {"auto_map": {"AutoTokenizer": ["evil.Tokenizer", None]}}, None),
    ],
)
def test_what_is_not_known_is_refused_in_one_line(models, tmp_path, file, changes, message):
    folder = tmp_path / "changed"
    shutil.copytree(models["clip"][0], folder)
    content = json.loads((folder / file).read_text()) | changes
    (folder / file).write_text(json.dumps(content))
    (folder / "evil.py").write_text("raise SystemExit('this must not run')\n")
    if message is None:  # our own tokenizer class is taken; code of the folder is never run
        assert built(folder).fingerprint() == fingerprint_encoder(spec_of(models["clip"][0]))
        return
    with pytest.raises(InputError, match=message) as caught:
        built(folder)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "needs model, a hub id"),
        ({"model": "./nowhere"}, "there is no folder ./nowhere"),
        ({"model": "someone/no-such-model"}, "could not be downloaded"),
        ({"model": "a/b", "pretrained": "openai"}, "does not know pretrained"),
    ],
)
def test_bad_specs_are_named(fields, message, monkeypatch):
    monkeypatch.setattr("ilime_core.encoders.hub_files.HfApi", _Offline)
    with pytest.raises(InputError, match=message):
        fingerprint_encoder(EncoderSpec("transformers", **fields))


class _Offline:
    def model_info(self, *_, **__):
        raise ConnectionError("no network here")


def test_a_cached_model_of_the_hub_is_taken_without_the_network(models, tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("ilime_core.encoders.hub_files.HfApi", _Offline)
    place = tmp_path / "models--someone--tiny"
    shutil.copytree(models["clip"][0], place / "snapshots" / ("a" * 40))
    for revision in ("main", "refs/pr/3"):
        (place / "refs" / revision).parent.mkdir(parents=True, exist_ok=True)
        (place / "refs" / revision).write_text("a" * 40)
    folder = fingerprint_encoder(spec_of(models["clip"][0]))
    assert fingerprint_encoder(spec_of("someone/tiny")) == folder
    assert fingerprint_encoder(spec_of("someone/tiny@refs/pr/3")) == folder
    with pytest.raises(InputError, match="someone/tiny@other is not complete on this machine"):
        fingerprint_encoder(spec_of("someone/tiny@other"))
    (place / "snapshots" / ("a" * 40) / "tokenizer.json").unlink()
    with pytest.raises(InputError, match="is not complete on this machine"):
        fingerprint_encoder(spec_of("someone/tiny"))


def test_a_folder_that_is_not_complete_names_what_it_lacks(models, tmp_path):
    folder = tmp_path / "part"
    shutil.copytree(models["clip"][0], folder, ignore=shutil.ignore_patterns("*.safetensors"))
    with pytest.raises(InputError, match=r"has no model\.safetensors or .* or pytorch_model\.bin"):
        built(folder)


def test_older_weights_are_tensors_or_nothing(models, tmp_path):
    whole, folder = models["clip"][0], tmp_path / "older"
    shutil.copytree(whole, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    # Saved from a network whose matrices and filters lay otherwise in memory: the same numbers.
    turned = {
        name: tensor.t().contiguous().t() if tensor.dim() == 2 else tensor
        for name, tensor in models["clip"][1].state_dict().items()
    }
    patches = "vision_model.embeddings.patch_embedding.weight"
    turned[patches] = turned[patches].contiguous(memory_format=torch.channels_last)
    torch.save(turned, folder / "pytorch_model.bin")
    image = Image.fromarray(data.chelsea())
    assert torch.equal(encode_view(built(folder), image), encode_view(built(whole), image))

    class Payload:
        def __reduce__(self):
            return (tmp_path / "run").write_text, ("the pickle ran",)

    torch.save({"x": Payload()}, folder / "pytorch_model.bin")
    with pytest.raises(InputError, match="cannot be loaded"):
        built(folder)
    assert not (tmp_path / "run").exists()
