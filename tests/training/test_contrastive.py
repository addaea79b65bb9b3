"""The loss and the schedule are the formulas; a few steps teach something."""

import copy
import json
import math

import pytest
import torch
from torch import nn

from ilime_core.encoders.open_clip.tokens import build_tokeniser
from ilime_core.encoders.row_tokeniser import fill_rows
from ilime_core.encoders.scenes import CONFIGURATION
from ilime_core.synthetic.scene_batches import BatchPlan, scene_batch
from training.contrastive import (
    ContrastiveExamples,
    Schedule,
    contrastive_loss,
    train_contrastive,
)

NONE_WRONG = torch.empty(9, 0)


def test_without_knowledge_the_loss_is_the_logarithm_of_the_batch():
    assert contrastive_loss(torch.zeros(7, 7), NONE_WRONG[:7]).item() == pytest.approx(math.log(7))


def test_both_directions_count_alike():
    logits = torch.tensor([[2.0, 0.0], [1.0, 0.0]])
    rows = (math.log(1 + math.exp(-2)) + math.log(1 + math.exp(1))) / 2
    columns = (math.log(1 + math.exp(-1)) + math.log(2)) / 2
    assert contrastive_loss(logits, NONE_WRONG[:2]).item() == pytest.approx((rows + columns) / 2)
    assert contrastive_loss(logits.T, NONE_WRONG[:2]).item() == pytest.approx((rows + columns) / 2)


def test_wrong_captions_are_rejected_by_their_own_picture_alone():
    logits, wrong = torch.zeros(2, 2), torch.tensor([[math.log(3), 0.0], [-math.inf, -math.inf]])
    # Picture 0 chooses among weights 1, 1, 3, 1; picture 1 and both captions among two of weight 1.
    expected = ((math.log(6) + math.log(2)) / 2 + math.log(2)) / 2
    assert contrastive_loss(logits, wrong).item() == pytest.approx(expected)


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


def batches(seed=0, n_wrong=0):
    generator = torch.Generator().manual_seed(seed)
    while True:
        pixels = torch.randn(6, 3, 2, 2, generator=generator)
        tokens = torch.randint(9, (6 * (1 + n_wrong), 5), generator=generator)
        yield ContrastiveExamples(pixels, tokens, torch.full((len(tokens),), 5))


def first_loss(model, batch):
    averaged = copy.deepcopy(model).requires_grad_(requires_grad=False)
    return next(train_contrastive(model, averaged, iter([batch]), Schedule(1))).loss


def test_wrong_captions_follow_the_true_ones_in_the_order_of_the_pictures():
    batch = next(batches(n_wrong=2))
    model = Towers()
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        left, right = model.encode_image(batch.pixels).float(), model.encode_text(batch.tokens).float()
    left, right = nn.functional.normalize(left, dim=1), nn.functional.normalize(right, dim=1)
    every = model.logit_scale.detach().exp() * left @ right.T
    wrong = torch.stack([every[:, 6:12].diagonal(), every[:, 12:].diagonal()], dim=1)
    expected = contrastive_loss(every[:, :6], wrong).item()
    assert first_loss(model, batch) == pytest.approx(expected, rel=1e-3)
    without = ContrastiveExamples(batch.pixels, batch.tokens[:6], batch.lengths[:6])
    assert first_loss(Towers(), without) < expected - 0.1


def test_captions_go_through_the_tower_by_length_and_come_back_in_place():
    from open_clip import CLIP

    torch.set_num_threads(1)
    torch.manual_seed(0)
    layout = json.loads(CONFIGURATION.read_text())["model_cfg"]
    tokeniser = build_tokeniser(json.dumps(layout), CONFIGURATION.parent)
    model = CLIP(**layout)
    texts = ["a ring", "a small red ring above a large blue ring", "red", "a large cross", "cyan ring and a"]
    rows = tokeniser.rows(texts)
    batch = ContrastiveExamples(
        torch.randn(5, 3, 64, 64),
        fill_rows(tokeniser, rows, None, "cpu"),
        torch.tensor([len(row) for row in rows]),
    )
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        left = model.encode_image(batch.pixels).float()
        right = model.encode_text(fill_rows(tokeniser, rows, 32, "cpu")).float()
    left, right = nn.functional.normalize(left, dim=1), nn.functional.normalize(right, dim=1)
    expected = contrastive_loss(model.logit_scale.detach().exp() * left @ right.T, NONE_WRONG[:5]).item()
    assert first_loss(model, batch) == pytest.approx(expected, abs=0.02)


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
            plan = BatchPlan(32, twins=0.0, altered=0.0, partial=0.0, gaps=0.0, erased=0.0)
            batch = scene_batch(plan, 0, number)
            rows = tokeniser.rows(batch.texts)
            tokens = fill_rows(tokeniser, rows, 32, "cpu")
            pixels = torch.from_numpy(batch.pixels).permute(0, 3, 1, 2).float() / 255 * 5 - 1.8
            yield ContrastiveExamples(pixels, tokens, torch.tensor([len(row) for row in rows]))

    averaged = copy.deepcopy(model).requires_grad_(requires_grad=False)
    losses = [
        step.loss
        for step in train_contrastive(model, averaged, prepared(), Schedule(50, rate=6e-3, warm_up=10))
    ]
    assert sum(losses[:5]) / 5 == pytest.approx(math.log(32), abs=0.3)
    assert sum(losses[-10:]) / 10 < math.log(32) - 0.6
