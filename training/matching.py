"""Training of a cross-encoder to tell captions that are true of a picture from those that are not.

References
----------
.. [1] Li et al.: Align before Fuse: Vision and Language Representation Learning with Momentum Distillation,
   NeurIPS 2021, arXiv 2107.07651 (matching against the hardest negatives of a contrastive model).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.optim.swa_utils import AveragedModel

from ilime_core.encoders.cross_encoder.network import CrossEncoder
from training.contrastive import Schedule, Step

__all__ = [
    "Candidates",
    "MatchingExamples",
    "choose_candidates",
    "matching_loss",
    "slow_copy",
    "train_matching",
]


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Captions that each picture is held against, by their places; the first is its own."""

    places: Int[Tensor, "scenes candidates"]
    is_true: Bool[Tensor, "scenes candidates"]


@dataclass(frozen=True, slots=True, eq=False)
class MatchingExamples:
    """A batch on the device: normalised pictures, padded captions and who is held against whom."""

    pixels: Float[Tensor, "scenes 3 height width"]
    tokens: Int[Tensor, "captions places"]
    lengths: Int[Tensor, " captions"]
    candidates: Candidates


def choose_candidates(
    scores: Float[Tensor, "scenes scenes"],
    is_true: Bool[Tensor, "scenes scenes"],
    twin_of: Int[Tensor, " scenes"],
    n_hard: int,
    generator: torch.Generator,
) -> Candidates:
    """Give each picture its own caption, two wrong versions of it, its twin's, hard ones and one at random.

    Parameters
    ----------
    scores
        Of picture s with the own caption of scene c, by the model whose mistakes are to be corrected.
    is_true
        True if that caption is true of picture s; a true one is never taken for a hard negative.
    twin_of
        Scene that differs from scene s in one binding.
    n_hard
        Captions of other scenes that score highest and are not true.
    generator
        Of the one at random, on the CPU.

    Returns
    -------
    Candidates
        Places of captions, one row a picture, its own first.
    """
    n_scenes = len(scores)
    own = torch.arange(n_scenes, device=scores.device)
    closed = is_true.clone()
    closed[own, twin_of] = True
    hard = scores.masked_fill(closed, -torch.inf).topk(n_hard, dim=1).indices
    offset = torch.randint(1, n_scenes, (n_scenes,), generator=generator).to(scores.device)
    others = torch.stack([twin_of, *hard.T, (own + offset) % n_scenes], dim=1)
    altered = torch.stack([own + n_scenes, own + 2 * n_scenes], dim=1)
    truth = torch.cat(
        [
            torch.ones_like(own, dtype=torch.bool)[:, None],
            torch.zeros_like(altered, dtype=torch.bool),
            is_true.gather(1, others),
        ],
        dim=1,
    )
    return Candidates(torch.cat([own[:, None], altered, others], dim=1), truth)


def matching_loss(
    logits: Float[Tensor, "scenes candidates"], is_true: Bool[Tensor, "scenes candidates"]
) -> Float[Tensor, ""]:
    """Sum of a binary cross-entropy over candidates and a cross-entropy of the own caption.

    In the first, a mean over all candidates, true and false ones have the same total weight; the second is
    the mean for the own caption, at place 0, among the candidates that are not true.

    Parameters
    ----------
    logits
        One row a picture.
    is_true
        True if the caption is true of the picture.

    Returns
    -------
    Float[Tensor, ]
        Scalar.
    """
    truth = is_true.float()
    weights = torch.where(is_true, 0.5 / truth.sum(), 0.5 / (1.0 - truth).sum().clamp(min=1.0))
    each = functional.binary_cross_entropy_with_logits(logits, truth, reduction="none")
    rivals = logits.masked_fill(is_true, -torch.inf)
    among = torch.cat([logits[:, :1], rivals[:, 1:]], dim=1)
    own = torch.zeros(len(logits), dtype=torch.long, device=logits.device)
    return (weights * each).sum() + functional.cross_entropy(among, own)


def slow_copy(model: CrossEncoder, schedule: Schedule) -> AveragedModel:
    """A running average of the model's weights, whose memory grows with the training.

    Parameters
    ----------
    model
        Model to follow.
    schedule
        Its ``average`` is the largest weight of the past.

    Returns
    -------
    AveragedModel
        Average that starts at the model's weights.
    """

    def follow(slow: Tensor, fast: Tensor, number: Tensor | int) -> Tensor:
        return slow.lerp(fast, 1.0 - min(schedule.average, (1.0 + int(number)) / (10.0 + int(number))))

    return AveragedModel(model, avg_fn=follow)


def train_matching(
    model: CrossEncoder, averaged: AveragedModel, batches: Iterable[MatchingExamples], schedule: Schedule
) -> Iterator[Step]:
    """Train a cross-encoder; yields after every step.

    Parameters
    ----------
    model
        Trained in place, in bfloat16 arithmetic; weights that :meth:`CrossEncoder.lower_weights` names are
        frozen.
    averaged
        Running average of the model: the result.
    batches
        As many as the schedule has steps.
    schedule
        Steps and learning rates.

    Yields
    ------
    Step
        Report of each step.
    """
    for weights in model.lower_weights():
        weights.requires_grad = False
    optimiser = torch.optim.AdamW(_groups(model, schedule), lr=schedule.rate, betas=(0.9, 0.98))
    learned = [weights for weights in model.parameters() if weights.requires_grad]
    for number, batch in zip(range(schedule.steps), batches, strict=False):
        for group in optimiser.param_groups:
            group["lr"] = schedule.rate_at(number)
        logits = _logits(model, batch)
        loss = matching_loss(logits, batch.candidates.is_true)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(learned, 1.0)
        optimiser.step()
        averaged.update_parameters(model)
        rivals = logits.masked_fill(batch.candidates.is_true, -torch.inf).amax(1)
        yield Step(number, float(loss.detach()), float((logits[:, 0] > rivals).float().mean()))


def _logits(model: CrossEncoder, batch: MatchingExamples) -> Float[Tensor, "scenes candidates"]:
    # On the CPU the gradient of torch's fused attention takes longer than all the rest together.
    spelt_out = sdpa_kernel(SDPBackend.MATH)
    with spelt_out, torch.autocast(batch.pixels.device.type, torch.bfloat16):
        patches, words = model.image(batch.pixels), model.text(batch.tokens)
        chosen = batch.candidates.places
        return model.match(patches, words[chosen], batch.lengths[chosen])


def _groups(model: nn.Module, schedule: Schedule) -> list[dict[str, object]]:
    learned = [weights for weights in model.parameters() if weights.requires_grad]
    # Norms and biases are not drawn towards zero.
    return [
        {"params": [one for one in learned if one.ndim > 1], "weight_decay": schedule.weight_decay},
        {"params": [one for one in learned if one.ndim < 2], "weight_decay": 0.0},
    ]
