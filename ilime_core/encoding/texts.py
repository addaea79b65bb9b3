"""Texts of many items, encoded in batches of one row count and as few columns as they need."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from typing import TypeVar

import torch
from jaxtyping import Float
from torch import Tensor

from ilime_core.encoding.encoded import ItemEmbeddings, MaskedTexts, checked
from ilime_core.encoding.micro_batches import MicroBatches
from ilime_core.errors import InputError
from ilime_core.protocols.encoders import DualEncoder

__all__ = ["encode_masked_texts", "encode_texts"]

K = TypeVar("K")


def encode_texts(
    encoder: DualEncoder,
    texts: Iterable[tuple[K, str]],
    *,
    batch_size: int,
    on_batch: Callable[[int], None] | None = None,
) -> Iterator[ItemEmbeddings[K]]:
    """Encode whole texts, in batches of texts of like length.

    Parameters
    ----------
    encoder
        Its text tower is used.
    texts
        Keys and texts, in the order of the results; all are taken at once.
    batch_size
        Rows of every batch; the last one is padded with copies of its last text.
    on_batch
        Called with the number of real rows once a batch is under way.

    Yields
    ------
    ItemEmbeddings
        With a single embedding, in order, an item's error instead of an exception where it is not finite.

    Raises
    ------
    InputError
        If ``batch_size`` is not positive.
    """
    jobs = [MaskedTexts(key, (text,)) for key, text in texts]
    for item in encode_masked_texts(encoder, jobs, batch_size=batch_size, on_batch=on_batch):
        yield ItemEmbeddings(item.key, item.embeddings[0], item.error)


def encode_masked_texts(
    encoder: DualEncoder,
    jobs: Iterable[MaskedTexts[K]],
    *,
    batch_size: int,
    on_batch: Callable[[int], None] | None = None,
) -> Iterator[ItemEmbeddings[K]]:
    """Encode every text of every item.

    All texts of the block are taken at once, so that texts of like length share a batch: memory holds the
    block's tokens and embeddings.

    Parameters
    ----------
    encoder
        Its text tower is used.
    jobs
        Items with at least one text each.
    batch_size
        Rows of every batch; the last one is padded with copies of its last text. A batch is as wide as its
        longest text (towers that cannot be cut take the whole context).
    on_batch
        Called with the number of real rows once a batch is under way.

    Yields
    ------
    ItemEmbeddings
        With one row per text, in order, an item's error instead of an exception where a value is not finite.

    Raises
    ------
    InputError
        If an item has no texts or ``batch_size`` is not positive.
    """
    if batch_size < 1:
        raise InputError(f"batch_size must be positive, got {batch_size}")
    block = list(jobs)
    for job in block:
        if not job.texts:
            raise InputError(f"item {job.key} has no texts to encode")
    embeddings = _encode_rows(encoder, [text for job in block for text in job.texts], batch_size, on_batch)
    ends = list(accumulate((len(job.texts) for job in block), initial=0))
    for job, start, stop in zip(block, ends[:-1], ends[1:], strict=True):
        yield checked(job.key, embeddings[start:stop])


def _encode_rows(
    encoder: DualEncoder, texts: Sequence[str], batch_size: int, on_batch: Callable[[int], None] | None
) -> Float[Tensor, "texts dim"]:
    tower = encoder.text
    rows = tower.tokenise(texts)
    lengths = [min(len(row), tower.context_length) for row in rows]
    order = sorted(range(len(rows)), key=lengths.__getitem__)
    micro = MicroBatches()
    parts: list[Tensor] = []
    for at in range(0, len(order), batch_size):
        chosen = order[at : at + batch_size]
        batch = [rows[i] for i in chosen] + [rows[chosen[-1]]] * (batch_size - len(chosen))
        width = lengths[chosen[-1]]
        encoded = micro.encode(
            batch_size, lambda start, stop, batch=batch, width=width: tower.encode(batch[start:stop], width)
        )
        parts.append(encoded[: len(chosen)])
        if on_batch is not None:
            on_batch(len(chosen))
    if not parts:
        return torch.empty((0, tower.dim), device=encoder.device)
    encoded = torch.cat(parts)
    # order says which text a row holds; its inverse puts rows back in the order of texts.
    return torch.empty_like(encoded).index_copy_(0, torch.tensor(order, device=encoded.device), encoded)
