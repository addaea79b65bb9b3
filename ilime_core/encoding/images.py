"""Pictures, whole or masked, encoded in batches that are filled across items."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Generic, Protocol, TypeVar, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from ilime_core.encoding.ahead import ahead
from ilime_core.encoding.composites import Composites
from ilime_core.encoding.encoded import ItemEmbeddings, MaskedImage, checked
from ilime_core.encoding.kept_patches import encode_kept_patches
from ilime_core.encoding.micro_batches import MicroBatches
from ilime_core.errors import InputError
from ilime_core.protocols.encoders import DualEncoder

__all__ = ["encode_images", "encode_masked_images"]

K = TypeVar("K")

# Items that a thread takes from the caller's iterator while the device works.
_AHEAD = 4


@runtime_checkable
class _Pictures(Protocol):
    """Rows of one item, made on the device when a batch has room for them."""

    @property
    def n_rows(self) -> int: ...

    @property
    def size(self) -> tuple[int, int]: ...

    def rows(self, start: int, stop: int) -> UInt8[Tensor, "part 3 height width"]: ...


@dataclass(frozen=True, slots=True, eq=False)
class _Whole:
    pixels: UInt8[Tensor, "1 3 height width"]
    n_rows: int = 1

    @property
    def size(self) -> tuple[int, int]:
        return self.pixels.shape[2], self.pixels.shape[3]

    def rows(self, start: int, stop: int) -> UInt8[Tensor, "part 3 height width"]:
        return self.pixels[start:stop]


class _Masked:
    """Composites: the pixels of kept segments, the baseline elsewhere."""

    def __init__(self, job: MaskedImage[K], device: str) -> None:
        self._composites = Composites(job.pixels, job.painted(), job.labels, device)
        self._masks = torch.tensor(job.masks).to(device)
        self.n_rows = len(job.masks)
        self.size = self._composites.size

    def rows(self, start: int, stop: int) -> UInt8[Tensor, "part 3 height width"]:
        return self._composites(self._masks[start:stop])


@dataclass(frozen=True, slots=True, eq=False)
class _Unfinished(Generic[K]):
    """An item whose rows are spread over batches; complete when ``n_rows`` of them are there."""

    key: K
    n_rows: int
    whole: bool
    parts: list[Float[Tensor, "part dim"]]

    @property
    def is_complete(self) -> bool:
        return sum(len(part) for part in self.parts) == self.n_rows

    def finished(self) -> ItemEmbeddings[K]:
        rows = self.parts[0] if len(self.parts) == 1 else torch.cat(self.parts)
        return checked(self.key, rows[0] if self.whole else rows)


def encode_images(
    encoder: DualEncoder,
    views: Iterable[tuple[K, UInt8[np.ndarray, "_ _ 3"]]],  # sizes are compared below, in words
    *,
    batch_size: int,
    on_batch: Callable[[int], None] | None = None,
) -> Iterator[ItemEmbeddings[K]]:
    """Encode whole pictures.

    Parameters
    ----------
    encoder
        Its image tower and device are used.
    views
        Keys and views of one size, in the order of the results; taken ahead of need by a thread.
    batch_size
        Rows of every batch; the last one is padded with black pictures.
    on_batch
        Called with the number of real rows once a batch is under way.

    Yields
    ------
    ItemEmbeddings
        With a single embedding, in order, an item's error instead of an exception where it is not finite.

    Raises
    ------
    InputError
        If views differ in size or ``batch_size`` is not positive.
    """
    sources = (
        (key, _Whole(_on_device(pixels, encoder.device)[None])) for key, pixels in ahead(views, _AHEAD)
    )
    return _encode(encoder, sources, _checked_size(batch_size), on_batch)


def encode_masked_images(
    encoder: DualEncoder,
    jobs: Iterable[MaskedImage[K]],
    *,
    batch_size: int,
    on_batch: Callable[[int], None] | None = None,
) -> Iterator[ItemEmbeddings[K]]:
    """Encode every mask of every picture; masks are applied on the encoder's device.

    Pictures without a baseline are embedded without the tokens of removed patches, by
    :func:`~ilime_core.encoding.kept_patches.encode_kept_patches`.

    Parameters
    ----------
    encoder
        Its image tower and device are used.
    jobs
        Pictures of one size; taken ahead of need by a thread, so that decoding may work in the meantime.
    batch_size
        Rows of every batch. Batches are filled with masks across items, in order, so that their shape never
        changes; the last one is padded with black pictures.
    on_batch
        Called with the number of real rows once a batch is under way.

    Yields
    ------
    ItemEmbeddings
        With one row per mask, as soon as an item is complete and the next batch is under way, in order.

    Raises
    ------
    InputError
        If pictures differ in size, one has no masks, or ``batch_size`` is not positive.
    """
    coming = iter(ahead(jobs, _AHEAD))
    first = next(coming, None)
    if first is None:
        return iter(())
    jobs = chain([first], coming)
    if first.baseline is None:
        return encode_kept_patches(encoder, jobs, batch_size=_checked_size(batch_size), on_batch=on_batch)
    sources = ((job.key, _Masked(job, encoder.device)) for job in jobs)
    return _encode(encoder, sources, _checked_size(batch_size), on_batch)


def _encode(
    encoder: DualEncoder,
    sources: Iterator[tuple[K, _Pictures]],
    batch_size: int,
    on_batch: Callable[[int], None] | None,
) -> Iterator[ItemEmbeddings[K]]:
    micro = MicroBatches()
    unfinished: deque[_Unfinished[K]] = deque()
    for pieces, n_real in _filled(sources, batch_size):
        batch = _stacked([rows for _, rows in pieces], batch_size)
        embeddings = micro.encode(
            batch_size, lambda start, stop, batch=batch: _embed(encoder, batch[start:stop])
        )
        if on_batch is not None:
            on_batch(n_real)
        # Checking an item waits for the device: items of earlier batches go out now that it has new work.
        yield from _complete(unfinished)
        at = 0
        for item, rows in pieces:
            item.parts.append(embeddings[at : at + len(rows)])
            at += len(rows)
            if len(item.parts) == 1:
                unfinished.append(item)
    yield from _complete(unfinished)


def _complete(unfinished: deque[_Unfinished[K]]) -> Iterator[ItemEmbeddings[K]]:
    while unfinished and unfinished[0].is_complete:
        yield unfinished.popleft().finished()


def _filled(
    sources: Iterator[tuple[K, _Pictures]], batch_size: int
) -> Iterator[tuple[list[tuple[_Unfinished[K], UInt8[Tensor, "part 3 height width"]]], int]]:
    """Cut the rows of all items, in order, into batches; the last may be short."""
    pieces: list[tuple[_Unfinished[K], Tensor]] = []
    room = batch_size
    size: tuple[int, int] | None = None
    for key, source in sources:
        size = size or source.size
        if source.size != size:
            raise InputError(
                f"item {key} is {source.size} where items before it are {size}: one size is needed"
            )
        if source.n_rows == 0:
            raise InputError(f"item {key} has no masks to encode")
        item = _Unfinished(key, source.n_rows, isinstance(source, _Whole), [])
        at = 0
        while at < source.n_rows:
            n_rows = min(room, source.n_rows - at)
            pieces.append((item, source.rows(at, at + n_rows)))
            at, room = at + n_rows, room - n_rows
            if room == 0:
                yield pieces, batch_size
                pieces, room = [], batch_size
    if pieces:
        yield pieces, batch_size - room


def _stacked(
    parts: list[UInt8[Tensor, "_ 3 height width"]], n_rows: int
) -> UInt8[Tensor, "rows 3 height width"]:
    n_missing = n_rows - sum(len(part) for part in parts)
    if n_missing:
        parts = [*parts, parts[0].new_zeros((n_missing, *parts[0].shape[1:]))]
    return parts[0] if len(parts) == 1 else torch.cat(parts)


def _embed(encoder: DualEncoder, pixels: UInt8[Tensor, "part 3 height width"]) -> Float[Tensor, "part dim"]:
    return encoder.image.encode(pixels.to(torch.float32).div_(255))


def _on_device(pixels: UInt8[np.ndarray, "height width 3"], device: str) -> UInt8[Tensor, "3 height width"]:
    # A copy, because torch warns about arrays that it could write to and must not.
    return torch.tensor(pixels).to(device).permute(2, 0, 1).contiguous()


def _checked_size(batch_size: int) -> int:
    if batch_size < 1:
        raise InputError(f"batch_size must be positive, got {batch_size}")
    return batch_size
