"""Keep freed memory for the next batch instead of giving it back to the system after each one."""

import ctypes
import platform

__all__ = ["keep_freed_memory"]

# Parameters of glibc's mallopt(3).
_TRIM_THRESHOLD, _MMAP_MAX, _ARENA_MAX = -1, -4, -8

KEPT_BYTES = 512 * 2**20
"""Free memory above this goes back to the system."""


def keep_freed_memory() -> bool:
    """Make glibc reuse the large buffers of a tower on the CPU; call it before anything starts threads.

    By default every activation of a batch is mapped anew and unmapped again, and the system clears its pages
    each time: that took 40 % of the time of a convolutional tower. One arena for all threads, because the
    arenas of threads cannot hold such buffers; one that exists already would be used. Arrow
    takes its memory there, too: its own pool gives back what each part took. Changes no number.

    Returns
    -------
    bool
        True if the allocator accepted the settings; False without glibc.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    libc = ctypes.CDLL(None)
    settings = ((_MMAP_MAX, 0), (_TRIM_THRESHOLD, KEPT_BYTES), (_ARENA_MAX, 1))
    accepted = all(libc.mallopt(name, value) == 1 for name, value in settings)
    import pyarrow as pa  # noqa: PLC0415 - after mallopt, because it may start threads

    pa.set_memory_pool(pa.system_memory_pool())
    return accepted
