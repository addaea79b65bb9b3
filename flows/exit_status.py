"""Exit statuses of every command."""

__all__ = ["BAD_INPUT", "DONE", "STOPPED", "TOO_MANY_FAILED"]

DONE = 0
TOO_MANY_FAILED = 1
"""Finished, and more items failed than ``failures.tolerate`` allows; of ``diff``: the runs differ."""
BAD_INPUT = 2
"""What was asked for is wrong: starting it again ends in the same way."""
STOPPED = 3
"""Stopped before the end by a signal, a fault of a store, this machine or the engine, or by a bug."""
