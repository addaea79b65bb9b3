"""The loss and the schedule are the formulas; a few steps teach something."""

import copy
import json
import math

import pytest
import torch
from torch import nn

from ilime_core.encoders.open_clip_tokens import build_tokeniser, fill_rows
from ilime_core.encoders.scenes import CONFIGURATION
from ilime_core.training.contrastive import Schedule, contrastive_loss, train_contrastive
from ilime_core.training.scene_batches import BatchPlan, scene_batch


def test_without_knowledge_the_loss_is_the_logarithm_of_the_batch():
    assert contrastive_loss(torch.zeros(7, 7)).item() == pytest.approx(math.log(7))


def test_both_directions_count_alike():
    logits = torch.tensor([[2.0, 0.0], [1.0, 0.0]])
    rows = (math.log(1 + math.exp(-2)) + math.log(1 + math.exp(1))) / 2
    columns = (math.log(1 + math.exp(-1)) + math.log(2)) / 2
    assert contrastive_loss(logits).item() == pytest.approx((rows + columns) / 2)
    assert contrastive_loss(logits.T).item() == pytest.approx((rows + columns) / 2)


def test_the_rate_rises_in_a_line_and_falls_as_a_cosine():
    schedule = Schedule(1000, rate=0.4, warm_up=100)
    assert schedule.rate_at(0) == pytest.approx(0.004)
    assert schedule.rate_at(49) == pytest.approx(0.2 * 0.5 * (1 + math.cos(math.pi * 0.049)))
    assert schedule.rate_at(500) == pytest.approx(0.2)
    assert schedule.rate_at(1000) == pytest.approx(0.0)


class Towers(nn.Module):
    """Two linear towers on what stands for pictures and tokens."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.image = nn.Linear(12, 4)
        self.text = nn.Linear(5, 4)
        self.logit_scale = nn.Parameter(torch.tensor(4.6))

    def encode_image(self, pixels):
        return self.image(pixels.flatten(1))

    def encode_text(self, tokens):
        return self.text(tokens.float())


def batches(seed=0):
    generator = torch.Generator().manual_seed(seed)
    while True:
        yield torch.randn(6, 3, 2, 2, generator=generator), torch.randint(9, (6, 5), generator=generator)


def trained(schedule):
    model = Towers()
    averaged = copy.deepcopy(model).requires_grad_(requires_grad=False)
    states = [copy.deepcopy(averaged.state_dict())]
    models = []
    for _ in train_contrastive(model, averaged, batches(), schedule):
        states.append(copy.deepcopy(averaged.state_dict()))
        models.append(copy.deepcopy(model.state_dict()))
    return states, models


def test_the_average_follows_the_model():
    states, models = trained(Schedule(3, rate=0.1, warm_up=1, average=0.15))
    for number, (before, after, now) in enumerate(zip(states[:-1], states[1:], models, strict=True)):
        decay = min(0.15, (1 + number) / (10 + number))
        expected = decay * before["image.weight"] + (1 - decay) * now["image.weight"]
        torch.testing.assert_close(after["image.weight"], expected)


def test_a_slower_average_stays_nearer_to_the_start():
    far, near = (trained(Schedule(12, rate=0.1, warm_up=1, average=decay))[0] for decay in (0.1, 0.9))
    moved = [(run[-1]["image.weight"] - run[0]["image.weight"]).norm() for run in (far, near)]
    assert moved[0] > moved[1]


def test_the_scale_of_the_logits_is_held_below_a_hundred():
    _, models = trained(Schedule(12, rate=0.5, warm_up=1))
    assert max(state["logit_scale"].item() for state in models) <= math.log(100) + 1e-6


def test_the_rate_is_what_moves_the_weights_and_decay_draws_matrices_alone():
    _, still = trained(Schedule(2, rate=0.0, warm_up=1))
    assert torch.equal(still[1]["image.weight"], Towers().image.weight)
    (_, plain), (_, drawn) = (trained(Schedule(1, rate=0.1, warm_up=1, weight_decay=w)) for w in (0.0, 0.5))
    start = Towers()
    torch.testing.assert_close(
        plain[0]["image.weight"] - drawn[0]["image.weight"], 0.1 * 0.5 * start.image.weight.detach()
    )
    assert torch.equal(plain[0]["image.bias"], drawn[0]["image.bias"])


def test_training_ends_with_its_schedule():
    assert len(trained(Schedule(4))[1]) == 4


def test_some_steps_on_scenes_lower_the_loss():
    from open_clip import CLIP

    torch.set_num_threads(1)
    torch.manual_seed(0)
    layout = json.loads(CONFIGURATION.read_text())["model_cfg"]
    tokeniser = build_tokeniser(json.dumps(layout), CONFIGURATION.parent)
    for tower in ("vision_cfg", "text_cfg"):
        layout[tower] |= {"width": 32, "layers": 1}
    model = CLIP(**layout)

    def prepared():
        for number in range(50):
            batch = scene_batch(BatchPlan(32, twins=0.0, partial=0.0), 0, number)
            tokens = fill_rows(tokeniser, tokeniser.rows(batch.texts), 32, "cpu")
            yield torch.from_numpy(batch.pixels).permute(0, 3, 1, 2).float() / 255 * 5 - 1.8, tokens

    averaged = copy.deepcopy(model).requires_grad_(requires_grad=False)
    losses = [
        step.loss
        for step in train_contrastive(model, averaged, prepared(), Schedule(50, rate=6e-3, warm_up=10))
    ]
    assert sum(losses[:5]) / 5 == pytest.approx(math.log(32), abs=0.3)
    assert sum(losses[-10:]) / 10 < math.log(32) - 0.6
