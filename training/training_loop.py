"""Parts that trainings of small models share: batches drawn ahead by another process, storage of weights."""

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TypeVar

from safetensors.torch import save_file
from torch import nn

__all__ = ["drawn_ahead", "save_halves"]

T = TypeVar("T")

AHEAD = 4
"""Batches that another process draws while one is learned from."""


def drawn_ahead(draw: Callable[[int], T], n_batches: int) -> Iterator[T]:
    """``draw(0)``, ``draw(1)`` and so on, in order; ``draw`` must be picklable.

    Parameters
    ----------
    draw
        Makes batch number k; it runs in another process.
    n_batches
        At least 0.

    Yields
    ------
    T
        Batches in order.
    """
    with ProcessPoolExecutor(1) as pool:
        waiting = [pool.submit(draw, number) for number in range(min(AHEAD, n_batches))]
        for number in range(n_batches):
            if number + AHEAD < n_batches:
                waiting.append(pool.submit(draw, number + AHEAD))
            yield waiting.pop(0).result()


def save_halves(model: nn.Module, path: Path) -> None:
    """Write weights in half precision: the rounding is far below what the training left to chance.

    Parameters
    ----------
    model
        Its weights are not changed.
    path
        File (safetensors) to write.
    """
    save_file({name: value.half().contiguous() for name, value in model.state_dict().items()}, path)
