"""Commands that a person may copy from a message: quoted, and under the name that finds this ilime."""

import shlex
import shutil
import sys
from pathlib import Path

__all__ = ["ilime_command", "program"]


def ilime_command(*words: object) -> str:
    """``ilime`` with its arguments, each quoted where a shell would take it apart."""
    return shlex.join([program("ilime"), *map(str, words)])


def program(name: str) -> str:
    """A program of this environment as a shell finds it: by name if that is the same file, else by place."""
    own = Path(sys.executable).with_name(name)
    found = shutil.which(name)
    if not own.exists() or (found is not None and Path(found).resolve() == own.resolve()):
        return name
    return _from_here(own)


def _from_here(path: Path) -> str:
    """Relative to the current folder where it lies below."""
    here = Path.cwd()
    return f"./{path.relative_to(here)}" if path.is_relative_to(here) else str(path)
