"""Cache of one item's embeddings by coalition; each coalition is encoded once."""

from collections.abc import Callable

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ilime_core.errors import InputError

__all__ = ["CoalitionEmbeddings"]


class CoalitionEmbeddings:
    """Embeddings of one item by coalition; unknown ones are encoded on demand.

    Attributes
    ----------
    n_segments
        Segments of the item.
    n_encoded
        Coalitions encoded so far, without those given at the start.
    """

    def __init__(
        self,
        encode: Callable[[Bool[Tensor, "rows segments"]], Float[Tensor, "rows dim"]],
        masks: Bool[Tensor, "known segments"],
        embeddings: Float[Tensor, "encoded dim"],
    ) -> None:
        """Start from the embeddings that are known.

        Parameters
        ----------
        encode
            Function that embeds distinct coalitions; it is never called without any.
        masks, embeddings
            Coalitions encoded before, maybe none. All embeddings are kept on the device of ``embeddings``.

        Raises
        ------
        InputError
            If there are not as many masks as embeddings.
        """
        if len(masks) != len(embeddings):
            raise InputError(
                f"got {len(masks)} masks and {len(embeddings)} embeddings, one of each is needed."
            )
        self.n_segments = masks.shape[1]
        self.n_encoded = 0
        self._encode = encode
        self._known = embeddings.double()
        self._places: dict[bytes, int] = {}
        for place, row in enumerate(_keys(masks)):
            self._places.setdefault(row, place)

    def __call__(self, masks: Bool[Tensor, "rows segments"]) -> Float[Tensor, "rows dim"]:
        """Embeddings of coalitions, in double precision.

        Raises
        ------
        InputError
            If the masks have another number of segments.
        """
        if masks.shape[1] != self.n_segments:
            raise InputError(f"this item has {self.n_segments} segments, got masks of {masks.shape[1]}.")
        keys = _keys(masks)
        fresh: dict[bytes, int] = {}
        for row, key in enumerate(keys):
            if key not in self._places:
                fresh.setdefault(key, row)
        if fresh:
            found = self._encode(masks[list(fresh.values())]).to(self._known)
            self._places.update({key: place for place, key in enumerate(fresh, start=len(self._known))})
            self._known = torch.cat([self._known, found])
            self.n_encoded += len(found)
        return self._known[[self._places[key] for key in keys]]


def _keys(masks: Tensor) -> list[bytes]:
    return [row.tobytes() for row in np.packbits(masks.cpu().numpy(), axis=1)]
