"""The server that a profile of Prefect's names, read without Prefect."""

import os
import re
import tomllib
from pathlib import Path
from typing import cast

__all__ = ["named_server"]


def named_server() -> tuple[str, str] | None:
    """Profile and URL that a user's own flows would go to; None where there are none.

    A file that cannot be read names none: ilime's own server needs no profile.
    """
    try:
        home = Path(os.environ.get("PREFECT_HOME") or Path.home() / ".prefect").expanduser()
        path = Path(os.environ.get("PREFECT_PROFILES_PATH") or home / "profiles.toml").expanduser()
        known = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RuntimeError):  # RuntimeError: there is no home
        return None
    name = os.environ.get("PREFECT_PROFILE") or known.get("active")
    profiles = known.get("profiles")
    profile = cast("dict[str, object]", profiles).get(str(name)) if isinstance(profiles, dict) else None
    url = cast("dict[str, object]", profile).get("PREFECT_API_URL") if isinstance(profile, dict) else None
    return (str(name), re.sub(r"//[^/@]*@", "//", url)) if isinstance(url, str) and url else None
