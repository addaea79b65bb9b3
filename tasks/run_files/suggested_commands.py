"""Commands in messages that a person can copy: quoted, with the program as a shell finds it."""

import shlex
import shutil
import sys
from pathlib import Path

__all__ = ["ilime_command", "program"]


def ilime_command(*words: object) -> str:
    """Command line of ``ilime`` with its arguments, quoted for a shell."""
    return shlex.join([program("ilime"), *map(str, words)])


def program(name: str) -> str:
    """Program of this environment as a shell finds it: by name if that is the same file, else by path."""
    own = Path(sys.executable).with_name(name)
    found = shutil.which(name)
    if not own.exists() or (found is not None and Path(found).resolve() == own.resolve()):
        return name
    return _from_here(own)


def _from_here(path: Path) -> str:
    """Relative to the current folder where it lies below."""
    here = Path.cwd()
    return f"./{path.relative_to(here)}" if path.is_relative_to(here) else str(path)
