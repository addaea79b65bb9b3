"""Many searches at once: what they ask in one round is encoded together, and nothing is encoded twice."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from ilime_core.selection.search import Answer, Request, Search, Selection

__all__ = ["EncodeRows", "EncodedRows", "ItemSearch", "run_searches"]

K = TypeVar("K")

EncodeRows = Callable[[Mapping[str, Request]], Mapping[str, Tensor]]
"""Embeddings of distinct rows by item, in their order; neither empty nor full, and no item without rows."""

_Row = tuple[bytes, float]


@dataclass(frozen=True, slots=True, eq=False)
class EncodedRows:
    """What is known of one item: it answers every search that asks for the same row."""

    empty: Float[Tensor, " dim"]
    full: Float[Tensor, " dim"]
    known: dict[_Row, Tensor] = field(default_factory=dict)

    @property
    def n_encodes(self) -> int:
        """Rows that were encoded."""
        return len(self.known)

    def learn(self, request: Request, embeddings: Float[Tensor, "rows dim"]) -> None:
        """Keep the embeddings of encoded rows.

        Parameters
        ----------
        request
            Rows that were encoded.
        embeddings
            One per row; kept in float64 on the device of ``empty``.
        """
        own = embeddings.to(self.empty.device, torch.float64)
        self.known.update(zip(_names(request), own, strict=True))

    def answer(self, request: Request) -> Float[Tensor, "rows dim"]:
        """Embeddings of known rows."""
        rows: list[Tensor] = []
        for mask, level, name in zip(request.masks, request.levels, _names(request), strict=True):
            if mask.all():
                rows.append(self.full.double())
            elif level == 0 and not mask.any():
                rows.append(self.empty.double())
            else:
                rows.append(self.known[name])
        return torch.stack(rows)


@dataclass(frozen=True, slots=True, eq=False)
class ItemSearch:
    """A search and the item that it asks about."""

    item_id: str
    search: Search


def run_searches(
    searches: Mapping[K, ItemSearch], items: Mapping[str, EncodedRows], encode: EncodeRows
) -> dict[K, Selection]:
    """Run searches round by round until all have ended.

    Searches of one item share its rows: they cost once as long as the searches agree.

    Parameters
    ----------
    searches
        By any key; their order is that of the rows in a round.
    items
        What is known of each item; grows.
    encode
        Encodes what a round asks for and is not known.

    Returns
    -------
    selections
        By the same keys.
    """
    asked: dict[K, set[_Row]] = {key: set() for key in searches}
    waiting: dict[K, Request] = {}
    found: dict[K, Selection] = {}

    def go_on(key: K, answer: Answer | None) -> None:
        search = searches[key].search
        try:
            # A generator that has not begun takes None alone.
            waiting[key] = next(search) if answer is None else search.send(answer)
        except StopIteration as end:
            waiting.pop(key, None)
            found[key] = end.value

    for key in searches:
        go_on(key, None)
    while waiting:
        _encode_unknown([(searches[key].item_id, one) for key, one in waiting.items()], items, encode)
        for key, request in list(waiting.items()):
            asked[key].update(_costly(request))
            embeddings = items[searches[key].item_id].answer(request)
            go_on(key, Answer(embeddings, len(asked[key])))
    return {key: found[key] for key in searches}


def _encode_unknown(
    requests: list[tuple[str, Request]], items: Mapping[str, EncodedRows], encode: EncodeRows
) -> None:
    wanted: dict[str, dict[_Row, np.ndarray]] = {}
    for item_id, request in requests:
        for name, mask in _costly(request).items():
            if name not in items[item_id].known:
                wanted.setdefault(item_id, {})[name] = mask
    rounds = {
        item_id: Request(np.stack(list(rows.values())), np.array([level for _, level in rows]))
        for item_id, rows in wanted.items()
    }
    if rounds:
        for item_id, embeddings in encode(rounds).items():
            items[item_id].learn(rounds[item_id], embeddings)


def _costly(request: Request) -> dict[_Row, np.ndarray]:
    """Distinct rows that are neither the empty nor the full item."""
    rows = zip(_names(request), request.masks, strict=True)
    return {name: mask for name, mask in rows if not mask.all() and (name[1] > 0 or mask.any())}


def _names(request: Request) -> list[_Row]:
    packed = np.packbits(request.masks, axis=1)
    return [(row.tobytes(), float(level)) for row, level in zip(packed, request.levels, strict=True)]
