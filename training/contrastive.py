"""Contrastive training of a small open_clip model.

References
----------
.. [1] Radford et al.: Learning transferable visual models from natural language supervision, ICML 2021,
   arXiv 2103.00020.
.. [2] Yuksekgonul et al.: When and why vision-language models behave like bags-of-words, and what to do about
   it, ICLR 2023, arXiv 2210.01936 (wrong captions as further negatives of each picture).
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.attention import SDPBackend, sdpa_kernel

from ilime_core.encoders.open_clip.text import trimmed_features

__all__ = ["ContrastiveExamples", "Schedule", "Step", "contrastive_loss", "train_contrastive"]

_LARGEST_SCALE = 100.0

_LENGTHS = 4
"""Groups of captions of about one length, each encoded no wider than its longest."""


@dataclass(frozen=True, slots=True, eq=False)
class ContrastiveExamples:
    """A batch on the device.

    Attributes
    ----------
    pixels
        Normalised pictures.
    tokens
        Padded captions: of picture k the true one at k, and wrong ones at k plus multiples of the number of
        pictures.
    lengths
        Tokens of each caption.
    """

    pixels: Float[Tensor, "pictures 3 height width"]
    tokens: Int[Tensor, "captions places"]
    lengths: Int[Tensor, " captions"]


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
    """Report of one step of a training."""

    number: int
    loss: float
    correct: float
    """Share of pictures whose own caption is the best of the batch."""


def contrastive_loss(
    logits: Float[Tensor, "batch batch"], wrong: Float[Tensor, "batch wrong"]
) -> Float[Tensor, ""]:
    """Mean cross-entropy of both directions; the matching pairs are on the diagonal.

    Parameters
    ----------
    logits
        Of pictures (rows) with the captions of all.
    wrong
        Of each picture with further captions that are wrong for it alone; only the direction from pictures to
        captions uses them.

    Returns
    -------
    Float[Tensor, ]
        Mean over the batch.
    """
    own = torch.arange(len(logits), device=logits.device)
    of_pictures = functional.cross_entropy(torch.cat([logits, wrong], dim=1), own)
    return (of_pictures + functional.cross_entropy(logits.T, own)) / 2.0


def train_contrastive(
    model: nn.Module,
    averaged: nn.Module,
    batches: Iterable[ContrastiveExamples],
    schedule: Schedule,
) -> Iterator[Step]:
    """Train an open_clip model; yields after every step.

    Parameters
    ----------
    model
        Trained in place, in bfloat16 arithmetic.
    averaged
        Copy of the model that follows it as a running average: the result.
    batches
        As many as the schedule has steps.
    schedule
        Steps, learning rates and the average's decay.

    Yields
    ------
    Step
        Report of each step.
    """
    optimiser = torch.optim.AdamW(_groups(model, schedule), lr=schedule.rate, betas=(0.9, 0.98))
    towers = cast("Any", model)
    for number, batch in zip(range(schedule.steps), batches, strict=False):
        for group in optimiser.param_groups:
            group["lr"] = schedule.rate_at(number)
        logits, wrong = _logits(model, batch)
        loss = contrastive_loss(logits, wrong)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        with torch.no_grad():
            towers.logit_scale.clamp_(max=math.log(_LARGEST_SCALE))
            _follow(averaged, model, min(schedule.average, (1.0 + number) / (10.0 + number)))
        correct = (logits.argmax(1) == torch.arange(len(logits), device=logits.device)).float().mean()
        yield Step(number, float(loss.detach()), float(correct))


def _logits(
    model: nn.Module, batch: ContrastiveExamples
) -> tuple[Float[Tensor, "pictures pictures"], Float[Tensor, "pictures wrong"]]:
    towers = cast("Any", model)
    # On the CPU the gradient of torch's fused attention takes longer than all the rest together.
    with sdpa_kernel(SDPBackend.MATH), torch.autocast(batch.pixels.device.type, torch.bfloat16):
        left, right = towers.encode_image(batch.pixels), _text_features(model, batch)
    left, right = functional.normalize(left.float(), dim=-1), functional.normalize(right.float(), dim=-1)
    own, *wrong = right.split(len(left))
    scale = towers.logit_scale.exp()
    further = torch.stack([(left * others).sum(1) for others in wrong], dim=1) if wrong else left[:, :0]
    return scale * left @ own.T, scale * further


def _text_features(model: nn.Module, batch: ContrastiveExamples) -> Float[Tensor, "captions dim"]:
    order = batch.lengths.argsort()
    parts = [
        trimmed_features(model, batch.tokens[places, : int(batch.lengths[places].max())])
        for places in order.chunk(_LENGTHS)
    ]
    return torch.cat(parts)[order.argsort()]


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
