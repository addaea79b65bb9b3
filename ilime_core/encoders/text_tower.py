"""Text tower of CLIP-like models: token rows to embeddings, whatever library the network comes from."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import partial
from typing import Any, cast

from jaxtyping import Float, Int
from torch import Tensor, nn

from ilime_core.encoders.differentiation import (
    differentiable,
    differentiable_layer,
    gated_tokens,
    pad_gates,
)
from ilime_core.encoders.precision import arithmetic, unit_norm
from ilime_core.encoders.row_tokeniser import RowTokeniser, fill_rows
from ilime_core.encoders.trimming import can_be_trimmed
from ilime_core.white_box_records import LastLayer, LocalParts

__all__ = ["PROBES", "TextTower"]

PROBES = ("", "cat", "a photo of a tabby cat", "two men and a dog wait at the door of a small white house")
"""Texts that a tower is tried with when it is built."""


class TextTower(ABC):
    """Text tower; a subclass says how the network reads tokens.

    Attributes
    ----------
    is_trimmed
        Whether rows are padded only to the longest of their batch; proved when the model was loaded.
    """

    def __init__(self, model: nn.Module, tokeniser: RowTokeniser, device: str, precision: str) -> None:
        self._model = cast("Any", model)
        self._tokeniser = tokeniser
        self._device = device
        self._precision = precision
        self.context_length = tokeniser.context_length
        self.mask_word = tokeniser.mask_word
        rows = tokeniser.rows(PROBES)
        tokens = self._padded(rows, self.context_length)
        lengths = [min(len(row), self.context_length) for row in rows]
        whole = self._embed(tokens, "float32", trimmed=False)
        cut = partial(self._embed, precision="float32", trimmed=True)
        self.is_trimmed = not tokeniser.pads_left and can_be_trimmed(whole, cut, tokens, lengths)
        self.dim = int(whole.shape[1])

    def tokenise(self, texts: Sequence[str]) -> list[list[int]]:
        """Token rows with special tokens, not cut to the context length."""
        return self._tokeniser.rows(texts)

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        """Code-point spans of the text's own tokens, in order."""
        return self._tokeniser.spans(text)

    def encode(self, rows: Sequence[Sequence[int]], width: int | None = None) -> Float[Tensor, "batch dim"]:
        """Embed token rows, cut to the context length.

        Parameters
        ----------
        rows
            Token rows of :meth:`tokenise`.
        width
            Length that rows are padded to; None takes the longest row. A tower that cannot be trimmed
            always pads to the whole context.

        Returns
        -------
        Tensor, batch x dim
            Unit-norm rows, float32.
        """
        tokens = self._padded(rows, width if self.is_trimmed else self.context_length)
        return self._embed(tokens, self._precision, trimmed=self.is_trimmed)

    def encode_gated(
        self, row: Sequence[int], gates: Float[Tensor, "batch tokens"], substitute: Sequence[int]
    ) -> Float[Tensor, "batch dim"]:
        """Embed one row under several rows of gates, in float32; differentiable in ``gates``.

        Parameters
        ----------
        row
            Token row that fits into the context.
        gates
            Gates in [0, 1], one per token.
        substitute
            Tokens of the mask word.

        Returns
        -------
        Tensor, batch x dim
            Unit-norm rows, float32.

        Raises
        ------
        InputError
            If ``substitute`` is empty.
        """
        tokens = self._one(row).expand(len(gates), -1)
        gates = pad_gates(gates, tokens.shape[1], left=self._tokeniser.pads_left)
        with differentiable(self._device), gated_tokens(self._token_table(), gates, substitute):
            return unit_norm(self._features(tokens, trimmed=self.is_trimmed))

    def local_parts(self, row: Sequence[int]) -> LocalParts:
        """Contribution of each token to the embedding."""
        with differentiable(self._device):
            return self._parts(self._one(row), len(row))

    def last_layer(self, row: Sequence[int]) -> LastLayer:
        """Cut the tower in two before its last block."""
        with differentiable(self._device):
            layer = self._last_layer(self._one(row), len(row))
        return differentiable_layer(layer, self._device)

    @abstractmethod
    def _features(self, tokens: Int[Tensor, "batch width"], *, trimmed: bool) -> Float[Tensor, "batch dim"]:
        """Embeddings of any norm; ``trimmed`` rows may be shorter than the context."""

    @abstractmethod
    def _token_table(self) -> nn.Module:
        """The layer that embeds tokens."""

    @abstractmethod
    def _parts(self, tokens: Int[Tensor, "1 width"], length: int) -> LocalParts:
        """Parts of the embedding by token, of a row with ``length`` tokens before its padding."""

    @abstractmethod
    def _last_layer(self, tokens: Int[Tensor, "1 width"], length: int) -> LastLayer:
        """The last block's input and the way from it to the embedding."""

    def _padded(self, rows: Sequence[Sequence[int]], width: int | None) -> Int[Tensor, "batch width"]:
        return fill_rows(self._tokeniser, rows, width, self._device)

    def _one(self, row: Sequence[int]) -> Int[Tensor, "1 width"]:
        return self._padded([row], None if self.is_trimmed else self.context_length)

    def _embed(
        self, tokens: Int[Tensor, "batch width"], precision: str, *, trimmed: bool
    ) -> Float[Tensor, "batch dim"]:
        with arithmetic(self._device, precision):
            return unit_norm(self._features(tokens, trimmed=trimmed))
