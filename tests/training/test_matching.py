import math

import pytest
import torch
from every import every
from torch.nn import functional

from ilime_core.encoders.cross_encoder.network import CrossEncoder
from ilime_core.encoders.cross_encoder.source import blank_network, build_scene_tokeniser
from ilime_core.encoders.row_tokeniser import fill_rows
from training.contrastive import Schedule
from training.matching import (
    Candidates,
    MatchingExamples,
    choose_candidates,
    matching_loss,
    slow_copy,
    train_matching,
)
from training.matching_batches import MatchingPlan, matching_batch

TWINS = torch.tensor([1, 0, 3, 2, 5, 4])


def chosen(scores, is_true, n_hard=2, seed=0) -> Candidates:
    return choose_candidates(scores, is_true, TWINS, n_hard, torch.Generator().manual_seed(seed))


def test_candidates_are_own_altered_twin_hard_and_one_more():
    scores = torch.arange(36, dtype=torch.float32).view(6, 6)
    places = chosen(scores, torch.eye(6, dtype=torch.bool)).places
    assert places.shape == (6, 7)
    assert places[:, :4].tolist() == [[s, s + 6, s + 12, s ^ 1] for s in range(6)]
    # The best that are neither own nor twin's.
    assert places[:, 4:6].tolist() == [[5, 4], [5, 4], [5, 4], [5, 4], [3, 2], [3, 2]]
    assert not (places[:, 6] == torch.arange(6)).any()


def test_true_captions_are_no_hard_negatives_and_are_labelled():
    is_true = torch.eye(6, dtype=torch.bool)
    is_true[0, 5] = is_true[2, 3] = True
    candidates = chosen(torch.arange(36, dtype=torch.float32).view(6, 6), is_true)
    assert candidates.places[0, 4:6].tolist() == [4, 3]
    assert candidates.is_true[:, 0].all()
    assert not candidates.is_true[:, 1:3].any()
    assert candidates.is_true[:, 3].tolist() == [False, False, True, False, False, False]


def test_the_one_at_random_follows_the_generator():
    eye = torch.eye(6, dtype=torch.bool)
    draws = [chosen(torch.zeros(6, 6), eye, seed=seed).places[:, -1].tolist() for seed in (0, 0, 1)]
    assert draws[0] == draws[1] != draws[2]


def test_loss_is_known_where_all_logits_are_zero():
    is_true = torch.tensor([[True, False, False], [True, False, True]])
    # Cross-entropy of a coin, and of one among three and among two.
    wanted = math.log(2) + (math.log(3) + math.log(2)) / 2
    assert matching_loss(torch.zeros(2, 3), is_true).item() == pytest.approx(wanted, abs=1e-6)


def test_loss_is_known_by_hand():
    logits, is_true = torch.tensor([[1.0, -2.0, 0.5]]), torch.tensor([[True, False, True]])
    softplus = functional.softplus
    truth = 0.25 * (softplus(torch.tensor(-1.0)) + softplus(torch.tensor(-0.5)))
    told = truth + 0.5 * softplus(torch.tensor(-2.0)) + softplus(torch.tensor(-3.0))
    assert matching_loss(logits, is_true).item() == pytest.approx(told.item(), abs=1e-6)


def examples(number: int, n_scenes: int = 4) -> MatchingExamples:
    batch = matching_batch(MatchingPlan(n_scenes), 0, number)
    tokeniser = build_scene_tokeniser()
    rows = tokeniser.rows(batch.texts)
    candidates = choose_candidates(
        torch.zeros(n_scenes, n_scenes),
        torch.from_numpy(batch.is_true),
        torch.from_numpy(batch.twin_of),
        1,
        torch.Generator().manual_seed(number),
    )
    return MatchingExamples(
        torch.from_numpy(batch.pixels).permute(0, 3, 1, 2).float() / 127.5 - 1,
        fill_rows(tokeniser, rows, None, "cpu"),
        torch.tensor([len(row) for row in rows]),
        candidates,
    )


def trained(batches, schedule) -> tuple[CrossEncoder, torch.nn.Module, dict, list]:
    torch.manual_seed(0)
    model = blank_network()
    before = {name: weights.clone() for name, weights in model.state_dict().items()}
    averaged = slow_copy(model, schedule)
    return model, averaged.module, before, list(train_matching(model, averaged, batches, schedule))


def test_a_few_steps_lower_the_loss_and_leave_the_lower_layers():
    torch.set_num_threads(1)
    one = examples(0)
    model, averaged, before, steps = trained([one] * 25, Schedule(25, rate=2e-3, warm_up=3))
    assert [step.number for step in steps] == list(range(25))
    assert steps[-1].loss < 0.7 * steps[0].loss
    assert steps[-1].correct > steps[0].correct
    lower = {id(weights) for weights in model.lower_weights()}
    moved = {name: bool((weights != before[name]).any()) for name, weights in model.named_parameters()}
    assert every(moved[name] != (id(weights) in lower) for name, weights in model.named_parameters())
    fast, slow, start = (
        one["read_out.weight"] for one in (model.state_dict(), averaged.state_dict(), before)
    )
    assert 0 < (slow - start).norm() < (fast - start).norm()


def test_training_ends_with_its_batches():
    *_, steps = trained([examples(0)] * 2, Schedule(9, warm_up=1))
    assert len(steps) == 2
