"""The training script writes two checkpoints that load, and its retrieval is counted right."""

import pytest
import torch
from click.testing import CliRunner
from safetensors.torch import load_file

from flows.train_scenes import recall_at_1, train
from ilime_core.encoders.registry import EncoderSpec, build_encoder
from ilime_core.encoders.scenes import CONFIGURATION


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
    assert all(torch.equal(weights["final"][name], again["final"][name]) for name in weights["final"])
    other = run(tmp_path / "other", "--steps", "3", "--seed", "1")
    assert not torch.equal(weights["final"]["visual.proj"], other["final"]["visual.proj"])


class Planted:
    """Embeddings that are given as they are."""

    def encode_image(self, pixels):
        return pixels[:, 0, 0]

    def encode_text(self, tokens):
        return tokens.float()


def test_recall_tells_the_directions_apart():
    images = torch.tensor([[1.0, 0.0], [0.9, 0.3], [0.0, 1.0]])[:, None, None]
    texts = torch.tensor([[10, 0], [10, 0], [0, 10]])
    # Texts 0 and 1 both find image 0; image 1 finds text 0, which stands first of two equal ones.
    assert recall_at_1(Planted(), images, texts) == pytest.approx((2 / 3, 2 / 3))
    # Image 0 alone is found by its text, and image 1 alone finds another's.
    texts = torch.tensor([[10, 0], [10, 0], [10, 1]])
    assert recall_at_1(Planted(), images, texts) == pytest.approx((1 / 3, 2 / 3))
