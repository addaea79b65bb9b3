"""Items taken from an iterator before they are needed."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

__all__ = ["ahead"]

T = TypeVar("T")


def ahead(items: Iterable[T], n_ahead: int) -> Iterator[T]:
    """Yield ``items`` in order while a thread prepares the next ones.

    An error of the iterator is raised at the place of its item. Closing this generator waits for the item
    being prepared and takes no more.

    Parameters
    ----------
    items
        Iterated by the thread alone.
    n_ahead
        Items taken before they are needed; at least one is.

    Yields
    ------
    T
        The items, unchanged.
    """
    source = iter(items)
    end = object()

    def take() -> object:
        return next(source, end)

    with ThreadPoolExecutor(1, thread_name_prefix="ilime-ahead") as pool:
        waiting: deque[Future[object]] = deque(pool.submit(take) for _ in range(max(1, n_ahead)))
        try:
            while (item := waiting.popleft().result()) is not end:
                waiting.append(pool.submit(take))
                yield item  # pyright: ignore[reportReturnType] - anything but the end is an item
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
