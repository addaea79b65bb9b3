"""Random weights: every tensor of both towers, nothing else, and the same for the same generator."""

from functools import cached_property

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from ilime_core.encoders.building import build_encoder
from ilime_core.encoders.randomised import check_randomisable, randomise
from ilime_core.encoders.spec import EncoderSpec
from ilime_core.errors import InputError


class Shared:
    """Both towers read one module; the image tower keeps what it has read of the text tower."""

    device = "cpu"

    def __init__(self):
        module = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3))
        module.register_buffer("mask", torch.arange(5.0), persistent=False)
        module.register_buffer("positions", torch.arange(5))
        module[0].weight.data = torch.arange(12.0).view(3, 4)
        module[1].running_var.data = torch.tensor([1.0, 2.0, 3.0])

        class Tower:
            def __init__(self):
                self.module = module

            @cached_property
            def kept(self):
                return self.module[0].weight.clone()

        self.image, self.text = Tower(), Tower()

    def fingerprint(self):
        return "0" * 64


class Own(Shared):
    """No modules to be found, but a way to make a random encoder."""

    def __init__(self):
        self.image, self.text = object(), object()

    def randomised(self, rng):
        made = Own()
        made.number = rng.integers(100)
        return made


def rng(seed=0):
    return np.random.default_rng(seed)


def test_entries_move_inside_their_tensor_once():
    # Twelve entries permuted once by the first draw of the generator; twice would be another order.
    found = randomise(Shared(), rng()).image.module
    order = rng().permutation(12)
    assert found[0].weight.flatten().tolist() == order.tolist()
    assert sorted(found[1].running_var.tolist()) == [1, 2, 3]


def test_what_is_no_weight_stays():
    found = randomise(Shared(), rng()).image.module
    assert found.mask.tolist() == found.positions.tolist() == [0, 1, 2, 3, 4]
    assert found[1].num_batches_tracked == 0


def test_what_was_computed_from_old_weights_is_forgotten():
    encoder = Shared()
    old = encoder.image.kept
    randomise(encoder, rng())
    assert encoder.image.kept.tolist() == encoder.image.module[0].weight.tolist() != old.tolist()


def test_an_encoder_may_make_a_random_one_of_its_kind():
    encoder = Own()
    check_randomisable(encoder)
    assert randomise(encoder, rng(3)).number == rng(3).integers(100)


def test_towers_without_modules_are_refused():
    encoder = Shared()
    encoder.text = object.__new__(type(encoder.text))
    with pytest.raises(
        InputError, match=r"the text tower Tower holds no torch\.nn\.Module, and Shared has no"
    ):
        check_randomisable(encoder)
    with pytest.raises(InputError, match="the text tower Tower"):
        randomise(encoder, rng())


@pytest.fixture(scope="module")
def scenes():
    torch.set_num_threads(1)
    return build_encoder(EncoderSpec("scenes"), "cpu", "float32")


def random_scenes(seed):
    return randomise(build_encoder(EncoderSpec("scenes"), "cpu", "float32"), rng(seed))


def test_every_tensor_of_a_clip_keeps_its_values_and_loses_their_places(scenes):
    found = random_scenes(0)
    old, new = (encoder.image._model.state_dict() for encoder in (scenes, found))
    moved = 0
    for name, tensor in old.items():
        assert torch.equal(tensor.flatten().sort().values, new[name].flatten().sort().values), name
        moved += not torch.equal(tensor, new[name])
        assert torch.equal(tensor, new[name]) == (len(tensor.unique()) < 2), name
    assert moved > 40
    assert torch.equal(scenes.image._model.attn_mask, found.image._model.attn_mask)


def test_a_random_clip_tells_items_apart_and_agrees_with_itself_alone(scenes):
    pictures = torch.rand((6, 3, 64, 64), generator=torch.Generator().manual_seed(0))
    pictures[:3] = torch.arange(3)[:, None, None, None] / 2.0
    size = scenes.image.view(Image.new("RGB", (64, 64))).pixels.shape[:2]
    pictures = nn.functional.interpolate(pictures, size)
    texts = scenes.text.tokenise(["a red circle", "a blue square", "green", ""])

    def embedded(encoder):
        return torch.cat([encoder.image.encode(pictures), encoder.text.encode(texts)])

    first, again, other = embedded(random_scenes(0)), embedded(random_scenes(0)), embedded(random_scenes(1))
    assert torch.equal(first, again)
    for rows in (first, other):
        assert rows.norm(dim=1).tolist() == pytest.approx([1] * 10, abs=1e-5)
        for side in (rows[:6], rows[6:]):
            assert (side - side.mean(dim=0)).norm(dim=1).min() > 0.01
    assert (first @ other.mT).diagonal().abs().max() < 0.9
