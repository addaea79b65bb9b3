"""Read-outs: functions from the inner product of two embeddings to a score."""

from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

import torch
from jaxtyping import Float
from torch import Tensor

from ilime_core.errors import InputError
from ilime_core.opaque.scorer_spec import ReadOutSpec

__all__ = [
    "CosineReadOut",
    "ReadOut",
    "SigmoidReadOut",
    "SoftmaxReadOut",
    "read_cosine",
    "read_sigmoid",
    "read_softmax",
]


@runtime_checkable
class ReadOut(Protocol):
    """Function from inner products to scores.

    It also gets the embeddings, because a softmax compares candidates of one side. Their leading axes
    broadcast: they pair up row by row, or form a grid.
    """

    def __call__(
        self,
        products: Float[Tensor, "*rows"],
        left: Float[Tensor, "*#rows dim"],
        right: Float[Tensor, "*#rows dim"],
    ) -> Float[Tensor, "*rows"]: ...


@dataclass(frozen=True, slots=True)
class CosineReadOut:
    """``scale * <g, h>``: logits. W of this read-out is A B^T, a reference for the other read-outs."""

    scale: float = 1.0

    def __call__(
        self,
        products: Float[Tensor, "*rows"],
        left: Float[Tensor, "*#rows dim"],
        right: Float[Tensor, "*#rows dim"],
    ) -> Float[Tensor, "*rows"]:
        """Score products."""
        del left, right  # no other candidate enters the score
        return self.scale * products


@dataclass(frozen=True, slots=True)
class SigmoidReadOut:
    """``sigmoid(scale * <g, h> + bias)``: the probability that two items match.

    References
    ----------
    .. [1] Zhai, X., Mustafa, B., Kolesnikov, A. and Beyer, L. (2023). Sigmoid loss for language image
       pre-training. ICCV, 11941-11952. https://doi.org/10.1109/ICCV51070.2023.01100
    """

    scale: float
    bias: float

    def __call__(
        self,
        products: Float[Tensor, "*rows"],
        left: Float[Tensor, "*#rows dim"],
        right: Float[Tensor, "*#rows dim"],
    ) -> Float[Tensor, "*rows"]:
        """Score products."""
        del left, right  # no other candidate enters the score
        return torch.sigmoid(self.scale * products + self.bias)


@dataclass(frozen=True, slots=True, eq=False)
class SoftmaxReadOut:
    """The probability that one item is picked among candidates that stay whole.

    Attributes
    ----------
    scale
        Of the logits: the inverse temperature.
    rivals
        Whole embeddings of the *other* candidates; the explained one competes with them.
    direction
        ``left_to_right``: the left item is the query, and the right one competes with rivals on its side
        (captions of an image); ``right_to_left``: the mirror.

    References
    ----------
    .. [1] Radford, A. et al. (2021). Learning transferable visual models from natural language supervision.
       ICML, 8748-8763. https://arxiv.org/abs/2103.00020
    """

    scale: float
    rivals: Float[Tensor, "rivals dim"]
    direction: Literal["left_to_right", "right_to_left"]

    def __post_init__(self) -> None:
        if len(self.rivals) == 0:
            raise InputError(
                "a softmax needs at least one rival: the probability of a lone candidate is always 1."
            )

    def __call__(
        self,
        products: Float[Tensor, "*rows"],
        left: Float[Tensor, "*#rows dim"],
        right: Float[Tensor, "*#rows dim"],
    ) -> Float[Tensor, "*rows"]:
        """Score products."""
        asking = left if self.direction == "left_to_right" else right
        against = torch.logsumexp(self.scale * asking @ self.rivals.to(asking).mT, dim=-1)
        return torch.sigmoid(self.scale * products - against)


def read_cosine(spec: ReadOutSpec) -> CosineReadOut:
    """Return the read-out that leaves inner products as they are."""
    del spec  # it has no setting
    return CosineReadOut()


def read_sigmoid(spec: ReadOutSpec) -> SigmoidReadOut:
    """Return the read-out of a probability that two items match."""
    return SigmoidReadOut(spec.scale, spec.bias)


def read_softmax(spec: ReadOutSpec) -> SoftmaxReadOut:
    """Return the read-out of a choice among candidates; it asks for them."""
    return SoftmaxReadOut(spec.scale, spec.rivals(), spec.direction)
