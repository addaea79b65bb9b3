"""Masked pictures without the tokens of removed patches, in batches of rows that keep equally many."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
import torch
from jaxtyping import Bool, Float, Int, UInt8
from torch import Tensor

from ilime_core.encoding.encoded import ItemEmbeddings, MaskedImage, checked
from ilime_core.encoding.micro_batches import MicroBatches
from ilime_core.errors import InputError
from ilime_core.protocols.encoders import DualEncoder, TokenDropping

__all__ = ["encode_kept_patches", "patch_segments"]

K = TypeVar("K")

WINDOW = 64
"""Batches of rows that are sorted together: enough for full batches, few enough to be held."""


def patch_segments(
    labels: Int[np.ndarray, "height width"], grid: tuple[int, int], patch_size: int
) -> Int[np.ndarray, " patches"]:
    """Segment of each patch: the one that covers most of it, of equal ones the lowest.

    A segment that covers most of no patch has none: to remove it changes nothing. On the segmenter ``grid``
    every patch lies in one segment.

    Parameters
    ----------
    labels
        Segment of every pixel of the view.
    grid
        Rows and columns of patches; pixels beyond them are read by no patch.
    patch_size
        Side of a patch in pixels.

    Returns
    -------
    Int array, patches
        Along the rows of the grid.

    Raises
    ------
    InputError
        If the view is smaller than the grid.
    """
    rows, columns = grid
    if labels.shape[0] < rows * patch_size or labels.shape[1] < columns * patch_size:
        raise InputError(
            f"{rows} x {columns} patches of {patch_size} pixels need a larger view than {labels.shape}"
        )
    n_segments = int(labels.max()) + 1
    inside = labels[: rows * patch_size, : columns * patch_size].astype(np.int64)
    row, column = (np.arange(count * patch_size) // patch_size for count in grid)
    patches = row[:, None] * columns + column[None, :]
    counts = np.bincount((patches * n_segments + inside).ravel(), minlength=rows * columns * n_segments)
    return counts.reshape(rows * columns, n_segments).argmax(axis=1)


def encode_kept_patches(
    encoder: DualEncoder,
    jobs: Iterable[MaskedImage[K]],
    *,
    batch_size: int,
    on_batch: Callable[[int], None] | None = None,
) -> Iterator[ItemEmbeddings[K]]:
    """Encode every mask of every picture without the tokens of the patches that it removes.

    Rows are sorted by the number of patches that they keep, so that no batch is padded: a row's embedding
    depends on the batch by rounding alone.

    Parameters
    ----------
    encoder
        Its image tower has to be a :class:`~ilime_core.protocols.encoders.TokenDropping`.
    jobs
        Pictures of one size, in the order of the results; baselines are not read.
    batch_size
        Most rows of a batch.
    on_batch
        Called with the number of rows of a batch once it is under way.

    Yields
    ------
    ItemEmbeddings
        With one row per mask, in order.

    Raises
    ------
    InputError
        If the tower cannot leave patches out, pictures differ in size, or one has no masks.
    """
    tower, patch_size = encoder.image, encoder.image.patch_size
    if not isinstance(tower, TokenDropping) or patch_size is None:
        raise InputError(
            f"the image tower {type(tower).__name__} has no methods patch_grid and encode_kept, which "
            "image_baseline drop_tokens needs: take segment_mean"
        )
    grid, micro = tower.patch_grid(), MicroBatches()
    size: tuple[int, ...] | None = None
    window: list[_Picture[K]] = []
    for job in jobs:
        size = size or job.labels.shape
        window.append(_picture(job, size, patch_segments(job.labels, grid, patch_size), encoder.device))
        if sum(len(one.kept) for one in window) >= WINDOW * batch_size:
            yield from _encoded(tower, window, micro, batch_size, on_batch)
            window = []
    if window:
        yield from _encoded(tower, window, micro, batch_size, on_batch)


@dataclass(frozen=True, slots=True, eq=False)
class _Picture(Generic[K]):
    key: K
    pixels: UInt8[Tensor, "3 height width"]
    kept: Bool[np.ndarray, "samples patches"]


def _picture(
    job: MaskedImage[K], size: tuple[int, ...], segments: Int[np.ndarray, " patches"], device: str
) -> "_Picture[K]":
    if job.labels.shape != size:
        raise InputError(
            f"item {job.key} is {job.labels.shape} where items before it are {size}: one size is needed"
        )
    if not len(job.masks):
        raise InputError(f"item {job.key} has no masks to encode")
    pixels = torch.tensor(job.pixels).to(device).permute(2, 0, 1).contiguous()
    return _Picture(job.key, pixels, job.masks[:, segments])


def _encoded(
    tower: TokenDropping,
    window: Sequence["_Picture[K]"],
    micro: MicroBatches,
    batch_size: int,
    on_batch: Callable[[int], None] | None,
) -> Iterator[ItemEmbeddings[K]]:
    """Encode a few pictures' rows, shortest first, and hand them out by picture."""
    picture = np.repeat(np.arange(len(window)), [len(one.kept) for one in window])
    kept = np.concatenate([one.kept for one in window])
    found: Tensor | None = None
    for rows in _batches(kept.sum(axis=1), batch_size):
        used, images = np.unique(picture[rows], return_inverse=True)
        pixels = torch.stack([window[one].pixels for one in used]).to(torch.float32).div_(255)
        patches = np.nonzero(kept[rows])[1].reshape(len(rows), -1)
        places = [torch.from_numpy(one).to(pixels.device) for one in (images, patches)]
        made = micro.encode(len(rows), _part(tower, pixels, places))
        found = made.new_empty((len(kept), made.shape[1])) if found is None else found
        found[torch.from_numpy(rows).to(made.device)] = made
        if on_batch is not None:
            on_batch(len(rows))
    if found is not None:
        for one, part in zip(window, found.split([len(one.kept) for one in window]), strict=True):
            yield checked(one.key, part)


def _part(
    tower: TokenDropping, pixels: Float[Tensor, "images 3 height width"], places: Sequence[Tensor]
) -> Callable[[int, int], Float[Tensor, "part dim"]]:
    images, patches = places
    return lambda start, stop: tower.encode_kept(pixels, images[start:stop], patches[start:stop])


def _batches(n_kept: Int[np.ndarray, " rows"], batch_size: int) -> Iterator[Int[np.ndarray, " batch"]]:
    """Rows that keep equally many patches, in their order, at most a batch at a time."""
    order = np.argsort(n_kept, kind="stable")
    for bucket in np.split(order, np.flatnonzero(np.diff(n_kept[order])) + 1):
        for start in range(0, len(bucket), batch_size):
            yield bucket[start : start + batch_size]
