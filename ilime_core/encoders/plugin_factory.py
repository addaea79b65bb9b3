"""Factories of models from packages that the environment allows."""

import re
from collections.abc import Callable, Collection
from importlib import import_module
from typing import cast

from ilime_core.errors import InputError

__all__ = ["Factory", "checked_fingerprint", "plugin_factory"]

Factory = Callable[[str, str], object]
"""Called with device and precision."""


def plugin_factory(name: str, allowed: Collection[str]) -> Factory:
    """Import ``package.module:function``.

    Raises
    ------
    InputError
        If the name has another form, its package is not allowed, or it cannot be imported.
    """
    module, _, function = name.partition(":")
    if not re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", module) or not function.isidentifier():
        raise InputError(f"plugin factory must look like package.module:function, got {name!r}")
    package = module.partition(".")[0]
    if package not in allowed:
        raise InputError(
            f"plugin package {package!r} is not allowed here. Allowed: {', '.join(allowed) or 'none'}."
        )
    try:
        found = getattr(import_module(module), function, None)
    except ImportError as error:
        raise InputError(f"plugin {name} cannot be imported: {error}") from error
    if not callable(found):
        raise InputError(f"plugin module {module} has no function {function!r}")
    return cast("Factory", found)


def checked_fingerprint(fingerprint: object, name: str) -> str:
    """Take what a plugin says of itself.

    Raises
    ------
    InputError
        If it is no hex sha256.
    """
    if not isinstance(fingerprint, str) or not re.fullmatch(r"[0-9a-f]{64}", fingerprint):
        raise InputError(f"plugin {name}: fingerprint must be a hex sha256, got {fingerprint!r}")
    return fingerprint
