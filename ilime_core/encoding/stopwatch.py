"""Stopwatch of an encoder: seconds inside its towers alone."""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar, cast

from jaxtyping import Float, Int
from PIL import Image
from torch import Tensor

from ilime_core.protocols.encoders import DualEncoder, ImageEncoder, TextEncoder, TokenDropping
from ilime_core.records import ImageView

__all__ = ["TimedEncoder"]

T = TypeVar("T")


class TimedEncoder:
    """A dual encoder that adds up the seconds inside its towers.

    On CUDA the call of a tower only queues its work; ``seconds`` is then the time spent queueing, and the
    share of the encoder has to be read from a profile instead.
    """

    def __init__(self, encoder: DualEncoder) -> None:
        self._encoder = encoder
        self.seconds = 0.0
        timed = _TimedTokens if isinstance(encoder.image, TokenDropping) else _TimedImages
        self.image: ImageEncoder = timed(encoder.image, self._timed)
        self.text: TextEncoder = _TimedTexts(encoder.text, self._timed)

    @property
    def device(self) -> str:
        """Device of the towers."""
        return self._encoder.device

    def fingerprint(self) -> str:
        """Fingerprint of the wrapped encoder."""
        return self._encoder.fingerprint()

    def _timed(self, call: Callable[[], T]) -> T:
        started = time.perf_counter()
        try:
            return call()
        finally:
            self.seconds += time.perf_counter() - started


class _TimedImages:
    def __init__(self, tower: ImageEncoder, timed: Callable[[Callable[[], Tensor]], Tensor]) -> None:
        self._tower = tower
        self._timed = timed

    @property
    def dim(self) -> int:
        return self._tower.dim

    @property
    def patch_size(self) -> int | None:
        return self._tower.patch_size

    def view(self, image: Image.Image) -> ImageView:
        return self._tower.view(image)

    def encode(self, pixels: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch dim"]:
        return self._timed(lambda: self._tower.encode(pixels))


class _TimedTokens(_TimedImages):
    """Of a tower that can leave patches out."""

    def patch_grid(self) -> tuple[int, int]:
        return _dropping(self._tower).patch_grid()

    def encode_kept(
        self,
        pixels: Float[Tensor, "images 3 height width"],
        images: Int[Tensor, " rows"],
        patches: Int[Tensor, "rows kept"],
    ) -> Float[Tensor, "rows dim"]:
        return self._timed(lambda: _dropping(self._tower).encode_kept(pixels, images, patches))


def _dropping(tower: ImageEncoder) -> TokenDropping:
    return cast("TokenDropping", tower)


class _TimedTexts:
    def __init__(self, tower: TextEncoder, timed: Callable[[Callable[[], Tensor]], Tensor]) -> None:
        self._tower = tower
        self._timed = timed

    @property
    def dim(self) -> int:
        return self._tower.dim

    @property
    def context_length(self) -> int:
        return self._tower.context_length

    @property
    def mask_word(self) -> str:
        return self._tower.mask_word

    def tokenise(self, texts: Sequence[str]) -> list[list[int]]:
        return self._tower.tokenise(texts)

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        return self._tower.token_spans(text)

    def encode(self, rows: Sequence[Sequence[int]], width: int | None = None) -> Float[Tensor, "batch dim"]:
        return self._timed(lambda: self._tower.encode(rows, width))
