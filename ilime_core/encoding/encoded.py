"""Inputs and results of batched encoding."""

from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
import torch
from jaxtyping import Bool, Float, Int, UInt8
from torch import Tensor

from ilime_core.errors import FailureReason, InputError, ItemError

__all__ = ["ItemEmbeddings", "MaskedImage", "MaskedTexts", "checked"]

K = TypeVar("K")


@dataclass(frozen=True, slots=True, eq=False)
class MaskedImage(Generic[K]):
    """One picture and the coalitions to encode it with.

    Attributes
    ----------
    key
        Whatever the caller knows the item by.
    pixels, baseline
        The view, and what stands in for removed segments; None leaves the tokens of their patches out.
    labels
        Segment of every pixel, 0 ... segments - 1.
    masks
        True keeps the segment; one encode per row.
    """

    key: K
    # Sizes are compared below, where the message can name the item.
    pixels: UInt8[np.ndarray, "_ _ 3"]
    baseline: UInt8[np.ndarray, "_ _ 3"] | None
    labels: Int[np.ndarray, "_ _"]
    masks: Bool[np.ndarray, "samples segments"]

    def __post_init__(self) -> None:
        """Refuse arrays that do not belong together.

        Raises
        ------
        InputError
            If shapes differ or a label has no column in ``masks``.
        """
        painted = self.pixels if self.baseline is None else self.baseline
        if self.pixels.shape != painted.shape or self.pixels.shape[:2] != self.labels.shape:
            got = f"{self.pixels.shape}, {painted.shape} and {self.labels.shape}"
            raise InputError(f"item {self.key}: pixels, baseline and labels must have one size, got {got}")
        if self.labels.min() < 0 or self.labels.max() >= self.masks.shape[1]:
            got = f"labels {self.labels.min()} to {self.labels.max()} for {self.masks.shape[1]} columns"
            raise InputError(f"item {self.key}: every label needs a column of the masks, got {got}")

    def painted(self) -> UInt8[np.ndarray, "_ _ 3"]:
        """Picture that stands in for removed segments.

        Raises
        ------
        InputError
            If their tokens are left out instead.
        """
        if self.baseline is None:
            raise InputError(
                f"item {self.key}: a picture has to replace removed segments here, and drop_tokens has none: "
                "take another image_baseline"
            )
        return self.baseline


@dataclass(frozen=True, slots=True)
class MaskedTexts(Generic[K]):
    """The texts that one item was perturbed into; one encode each."""

    key: K
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ItemEmbeddings(Generic[K]):
    """Embeddings of one item, on the encoder's device.

    Attributes
    ----------
    embeddings
        One row per mask or text; a single vector for a whole item.
    error
        Set where a value is not finite: the embeddings must then not be used.
    """

    key: K
    embeddings: Float[Tensor, "*samples dim"]
    error: ItemError | None


def checked(key: K, embeddings: Float[Tensor, "*samples dim"]) -> ItemEmbeddings[K]:
    """Wrap the embeddings of an item, with an error where a value is not finite.

    Parameters
    ----------
    key
        The caller's key of the item.
    embeddings
        One row per mask or text; a single vector for a whole item.

    Returns
    -------
    ItemEmbeddings
        The error counts the rows that are not finite; None where there are none.
    """
    finite = torch.isfinite(embeddings).all(dim=-1)
    if bool(finite.all()):
        return ItemEmbeddings(key, embeddings, None)
    n_bad, n_all = int((~finite).sum()), finite.numel()
    message = f"{n_bad} of {n_all} embeddings have values that are not finite"
    return ItemEmbeddings(key, embeddings, ItemError(FailureReason.NON_FINITE, message))
