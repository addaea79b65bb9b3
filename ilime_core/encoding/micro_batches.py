"""A batch in as many pieces as the device's memory needs."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

__all__ = ["MicroBatches"]


class MicroBatches:
    """Encodes batches, halving the piece size whenever the device runs out of memory.

    The batch stays the unit that callers fill and count; a size that was once too large is not tried again.
    """

    def __init__(self) -> None:
        self._largest: int | None = None

    @property
    def largest(self) -> int | None:
        """Largest piece that will be tried; None while no batch failed."""
        return self._largest

    def encode(
        self, n_rows: int, encode_part: Callable[[int, int], Float[Tensor, "part dim"]]
    ) -> Float[Tensor, "rows dim"]:
        """Encode the rows of a batch, in one piece or as many as the memory needs.

        Parameters
        ----------
        n_rows
            Rows of the batch.
        encode_part
            Function of ``start`` and ``stop`` that embeds the rows from the first to before the second. After
            the memory was too small it is called again for the same rows.

        Returns
        -------
        Tensor, rows x dim
            Embeddings in the order of the rows.

        Raises
        ------
        torch.OutOfMemoryError
            If not even one row fits.
        """
        while True:
            size = min(self._largest or n_rows, n_rows)
            try:
                parts = [encode_part(at, min(at + size, n_rows)) for at in range(0, n_rows, size)]
                return parts[0] if len(parts) == 1 else torch.cat(parts)
            except torch.OutOfMemoryError:
                if size == 1:
                    raise
            # Outside the handler: there the traceback would still hold the tensors of the failed attempt.
            self._largest = (size + 1) // 2
            if torch.cuda.is_available():
                torch.cuda.empty_cache()
