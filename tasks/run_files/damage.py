"""Damage: a stored file that is not what was written, with the command that repairs it."""

import re
from typing import Self

from tasks.run_files.suggested_commands import ilime_command
from tasks.storage.storage import MissingFileError, StorageError

__all__ = ["DamageError", "MissingPartError", "mending"]

_RUN = re.compile(r"(?:^_runs/|/run_id=)(r[0-9a-f]{16})/")


class DamageError(StorageError):
    """A file of a run is not what was written. A retry does not help; `tasks.runs.repair` does."""

    says_what_to_do = True
    reason: str = ""
    """Got and needed, without the place."""

    @classmethod
    def of(cls, root: str, key: str, reason: str) -> Self:
        """Error for one file below an output.

        Parameters
        ----------
        root
            Output.
        key
            Damaged file; the run is named after it.
        reason
            Got and needed, without the place.

        Returns
        -------
        Self
            Error whose message ends with the command to repair the run.
        """
        run = _RUN.search(key)
        error = cls(f"{root}: {key} is damaged: {reason}; {mending(run[1] if run else 'RUN', root)}")
        error.reason = reason
        return error


class MissingPartError(DamageError, MissingFileError):
    """A part that a record names does not exist: lost, or the run is being pruned."""


def mending(run_id: str, root: str) -> str:
    """Advice about damage, as the end of a sentence.

    Parameters
    ----------
    run_id
        Damaged run.
    root
        Its output.

    Returns
    -------
    str
        Command to copy, and its effect.
    """
    repair = ilime_command("verify", run_id, "--root", root, "--repair")
    return f"`{repair}` drops it and what follows from it, and the next start computes that again"
