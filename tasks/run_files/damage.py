"""Damage: a stored file that is not what was written, its name, and the command that mends it."""

import re
from typing import Self

from tasks.run_files.suggested_commands import ilime_command
from tasks.storage.storage import MissingFileError, StorageError

__all__ = ["DamageError", "MissingPartError", "mending"]

_RUN = re.compile(r"(?:^_runs/|/run_id=)(r[0-9a-f]{16})/")


class DamageError(StorageError):
    """A file of a run is not what was written. Another attempt does not help; `tasks.runs.repair` does."""

    says_what_to_do = True
    reason: str = ""
    """What was got and what was needed, without the place."""

    @classmethod
    def of(cls, root: str, key: str, reason: str) -> Self:
        """The error for one file below an output."""
        run = _RUN.search(key)
        error = cls(f"{root}: {key} is damaged: {reason}; {mending(run[1] if run else 'RUN', root)}")
        error.reason = reason
        return error


class MissingPartError(DamageError, MissingFileError):
    """A part that a record names does not exist: lost, or the run is being pruned."""


def mending(run_id: str, root: str) -> str:
    """What to do about damage, as the end of a sentence."""
    repair = ilime_command("verify", run_id, "--root", root, "--repair")
    return f"`{repair}` drops it and what follows from it, and the next start computes that again"
