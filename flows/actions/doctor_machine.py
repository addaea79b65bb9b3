"""Memory and disk of this machine, for ``ilime doctor``."""

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from flows.console.findings import Finding, ok, warning
from flows.engine.execution_home import default_home

__all__ = ["disk", "memory"]

GIB = 2**30
_MEMORY = 4 * GIB
_DISK = 2 * GIB


def memory() -> Finding:
    """Free memory, or what the control group of a container leaves of it."""
    free = _available()
    limit = _container_limit()
    text = f"{free / GIB:.1f} GiB free"
    if limit is not None and limit < free:
        free = limit
        text += f", {limit / GIB:.1f} GiB left to this container"
    if free < _MEMORY:
        return warning("memory", f"{text}: a run with a ViT-B/32 wants about {_MEMORY / GIB:.0f} GiB")
    return ok("memory", text)


def disk(root: str | None) -> Finding:
    """Free space where a run writes: its output, the engine's state and temporary files."""
    places = {"state": default_home(), "temporary files": Path(tempfile.gettempdir())}
    if root is not None and "://" not in root:
        places["output"] = Path(root)
    free = {name: shutil.disk_usage(_existing(place)).free for name, place in places.items()}
    text = ", ".join(f"{name} {size / GIB:.1f} GiB free" for name, size in free.items())
    tight = [name for name, size in free.items() if size < _DISK]
    if tight:
        cures = "give another --root, XDG_STATE_HOME or TMPDIR"
        return warning("disk", f"{text}: little room for {' and '.join(tight)}; {cures}")
    return ok("disk", text)


def _available() -> int:
    with suppress(OSError, ValueError, StopIteration):
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return int(next(line for line in lines if line.startswith("MemAvailable")).split()[1]) * 1024
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _container_limit() -> int | None:
    group = Path("/sys/fs/cgroup")
    with suppress(OSError, ValueError):
        limit = int((group / "memory.max").read_text(encoding="ascii"))
        return limit - int((group / "memory.current").read_text(encoding="ascii"))
    return None


def _existing(place: Path) -> Path:
    place = place.absolute()
    return next(folder for folder in (place, *place.parents) if folder.exists())
