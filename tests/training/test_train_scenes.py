"""The training script writes two checkpoints that load, and its retrieval is counted right.

Proves training.training_loop.
"""

import pytest
import torch
from click.testing import CliRunner
from every import every
from safetensors.torch import load_file
from torch import nn

from ilime_core.encoders.building import build_encoder
from ilime_core.encoders.scenes import CONFIGURATION
from ilime_core.encoders.spec import EncoderSpec
from training.contrastive import ContrastiveExamples
from training.train_scenes import recall_at_1, train


@pytest.fixture(autouse=True)
def _one_thread():
    torch.set_num_threads(1)


def run(folder, *arguments):
    result = CliRunner().invoke(train, ["--out", str(folder), "--batch", "8", *arguments])
    assert result.exit_code == 0, result.output
    return {name: load_file(folder / f"{name}.safetensors") for name in ("early", "final")}


@pytest.mark.slow
def test_two_checkpoints_of_one_training_are_written_and_load(tmp_path):
    weights = run(tmp_path / "one", "--steps", "3")
    assert {value.dtype for value in weights["final"].values()} == {torch.float16}
    assert not torch.equal(weights["early"]["visual.proj"], weights["final"]["visual.proj"])
    encoder = build_encoder(
        EncoderSpec("open_clip", str(CONFIGURATION), checkpoint=tmp_path / "one" / "final.safetensors"),
        "cpu",
        "float32",
    )
    assert encoder.image.encode(torch.zeros(1, 3, 64, 64)).norm().item() == pytest.approx(1)
    again = run(tmp_path / "again", "--steps", "3")
    assert every(torch.equal(weights["final"][name], again["final"][name]) for name in weights["final"])
    other = run(tmp_path / "other", "--steps", "3", "--seed", "1")
    assert not torch.equal(weights["final"]["visual.proj"], other["final"]["visual.proj"])
    whole = run(tmp_path / "whole", "--steps", "3", "--erased", "0")
    assert not torch.equal(weights["final"]["visual.proj"], whole["final"]["visual.proj"])


@pytest.mark.slow
def test_a_training_goes_on_from_weights(tmp_path):
    first = run(tmp_path / "first", "--steps", "1")["final"]
    on = run(tmp_path / "on", "--steps", "1", "--start", str(tmp_path / "first" / "final.safetensors"))[
        "final"
    ]
    anew = run(tmp_path / "anew", "--steps", "1", "--seed", "5")["final"]

    def away(weights):
        return (weights["visual.proj"].float() - first["visual.proj"].float()).norm().item()

    assert 0 < away(on) < 0.1 * away(anew)


class Planted(nn.Module):
    """Embeddings that are given as they are."""

    def encode_image(self, pixels):
        return pixels[:, 0, 0]

    def encode_text(self, tokens):
        return tokens.float()


def examples(images, texts):
    return ContrastiveExamples(images.expand(-1, 3, -1, -1), texts, torch.full((len(texts),), 2))


def test_recall_tells_the_directions_apart():
    images = torch.tensor([[1.0, 0.0], [0.9, 0.3], [0.0, 1.0]])[:, None, None]
    texts = torch.tensor([[10, 0], [10, 0], [0, 10]])
    # Texts 0 and 1 both find image 0; image 1 finds text 0, which stands first of two equal ones.
    assert recall_at_1(Planted(), examples(images, texts)) == pytest.approx((2 / 3, 2 / 3))
    # Wrong captions behind the true ones are no candidates.
    more = torch.cat([texts, 9 * texts])
    assert recall_at_1(Planted(), examples(images, more)) == pytest.approx((2 / 3, 2 / 3))
    # Image 0 alone is found by its text, and image 1 alone finds another's.
    texts = torch.tensor([[10, 0], [10, 0], [10, 1]])
    assert recall_at_1(Planted(), examples(images, texts)) == pytest.approx((1 / 3, 2 / 3))
