"""Exit statuses of every command."""

__all__ = ["BAD_INPUT", "DONE", "STOPPED", "TOO_MANY_FAILED"]

DONE, TOO_MANY_FAILED, BAD_INPUT, STOPPED = 0, 1, 2, 3
