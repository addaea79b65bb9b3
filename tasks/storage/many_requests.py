"""Requests to a store, several in flight."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, islice
from typing import TypeVar

__all__ = ["read_many"]

T = TypeVar("T")
R = TypeVar("R")

_IN_FLIGHT = 8
"""Threads; an object store answers one request in tens of milliseconds."""


def read_many(read: Callable[[T], R], asked: Iterable[T]) -> Iterator[R]:
    """Call a function for every value in threads; results come in the order of the values.

    Parameters
    ----------
    read
        Function of one value; called in up to 8 threads, for a single value in the thread of the caller.
    asked
        Values, in the order in which results are wanted.

    Yields
    ------
    R
        Result for each value.

    Raises
    ------
    Exception
        Whatever the function raises, in that order too.
    """
    values = iter(asked)
    first = list(islice(values, 2))
    if len(first) < 2:
        yield from map(read, first)  # starting a thread takes longer than most reads from a disk
        return
    with ThreadPoolExecutor(_IN_FLIGHT) as pool:
        yield from pool.map(read, chain(first, values))
