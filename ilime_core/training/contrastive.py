"""Contrastive training of a small open_clip model.

References
----------
.. [1] Radford et al.: Learning transferable visual models from natural language supervision, ICML 2021,
   arXiv 2103.00020.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["Schedule", "Step", "contrastive_loss", "train_contrastive"]

_LARGEST_SCALE = 100.0


@dataclass(frozen=True, slots=True)
class Schedule:
    """Length and rates of a training; the rate falls as a cosine after a linear warm-up."""

    steps: int
    rate: float = 1e-3
    warm_up: int = 100
    weight_decay: float = 0.05
    average: float = 0.998
    """Decay of the running average of the weights, which is what is kept."""

    def rate_at(self, step: int) -> float:
        """Learning rate of a step."""
        rising = min(1.0, (step + 1) / self.warm_up)
        return self.rate * rising * 0.5 * (1.0 + math.cos(math.pi * step / self.steps))


@dataclass(frozen=True, slots=True)
class Step:
    """What a step of a training reports."""

    number: int
    loss: float
    correct: float
    """Share of pictures whose own caption is the best of the batch."""


def contrastive_loss(logits: Float[Tensor, "batch batch"]) -> Float[Tensor, ""]:
    """Mean cross-entropy of both directions; pair k stands at (k, k)."""
    own = torch.arange(len(logits), device=logits.device)
    return (functional.cross_entropy(logits, own) + functional.cross_entropy(logits.T, own)) / 2.0


def train_contrastive(
    model: nn.Module,
    averaged: nn.Module,
    batches: Iterable[tuple[Float[Tensor, "batch 3 height width"], Int[Tensor, "batch width"]]],
    schedule: Schedule,
) -> Iterator[Step]:
    """Train an open_clip model; yields after every step.

    Parameters
    ----------
    model
        Trained in place, in bfloat16 arithmetic.
    averaged
        A copy of the model that follows it slowly: the result.
    batches
        Normalised pictures with token rows; as many as the schedule has steps.
    """
    optimiser = torch.optim.AdamW(_groups(model, schedule), lr=schedule.rate, betas=(0.9, 0.98))
    towers = cast("Any", model)
    for number, (pixels, tokens) in zip(range(schedule.steps), batches, strict=False):
        for group in optimiser.param_groups:
            group["lr"] = schedule.rate_at(number)
        with torch.autocast(pixels.device.type, torch.bfloat16):
            left, right = towers.encode_image(pixels), towers.encode_text(tokens)
        left, right = functional.normalize(left.float(), dim=-1), functional.normalize(right.float(), dim=-1)
        logits = towers.logit_scale.exp() * left @ right.T
        loss = contrastive_loss(logits)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        with torch.no_grad():
            towers.logit_scale.clamp_(max=math.log(_LARGEST_SCALE))
            _follow(averaged, model, min(schedule.average, (1.0 + number) / (10.0 + number)))
        correct = (logits.argmax(1) == torch.arange(len(logits), device=logits.device)).float().mean()
        yield Step(number, float(loss.detach()), float(correct))


def _groups(model: nn.Module, schedule: Schedule) -> list[dict[str, object]]:
    # Norms, biases and the scale are not drawn towards zero.
    plain = [weights for weights in model.parameters() if weights.ndim < 2]
    drawn = [weights for weights in model.parameters() if weights.ndim >= 2]
    return [
        {"params": drawn, "weight_decay": schedule.weight_decay},
        {"params": plain, "weight_decay": 0.0},
    ]


def _follow(averaged: nn.Module, model: nn.Module, decay: float) -> None:
    for slow, fast in zip(averaged.parameters(), model.parameters(), strict=True):
        slow.lerp_(fast, 1.0 - decay)
