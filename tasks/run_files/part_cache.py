"""Part cache, least recently used, bounded in bytes."""

import threading
from collections import OrderedDict
from collections.abc import Callable

__all__ = ["PartCache"]


class PartCache:
    """Least recently used parts by place. A part never changes, so a cached one is never stale.

    Parameters
    ----------
    limit
        Bytes in all; a part of more than half of that is never kept.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._parts: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()
        self._reading: dict[tuple[str, str], threading.Lock] = {}

    @property
    def size(self) -> int:
        """Bytes that are kept."""
        return self._size

    def holds(self, size: int) -> bool:
        """True if a part of this many bytes may be kept."""
        return 2 * size <= self._limit

    def get(self, place: tuple[str, str], read: Callable[[], bytes]) -> bytes:
        """Return a part from the cache or from ``read``; threads that want the same part read it once.

        Parameters
        ----------
        place
            Root and key of the part.
        read
            Reads it where it is not cached.

        Returns
        -------
        bytes
            Whole content.
        """
        with self._lock:
            if place in self._parts:
                self._parts.move_to_end(place)
                return self._parts[place]
            reading = self._reading.setdefault(place, threading.Lock())
        with reading:
            with self._lock:
                if place in self._parts:  # who held the lock before has read it
                    return self._parts[place]
            try:
                data = read()
            finally:
                with self._lock:
                    self._reading.pop(place, None)
            self._keep(place, data)
        return data

    def _keep(self, place: tuple[str, str], data: bytes) -> None:
        if not self.holds(len(data)):
            return
        with self._lock:
            self._size += len(data) - len(self._parts.get(place, b""))
            self._parts[place] = data
            while self._size > self._limit:
                _, oldest = self._parts.popitem(last=False)
                self._size -= len(oldest)
