"""Packages that plugins may come from, as the environment of a process names them."""

import os

__all__ = ["PLUGIN_VARIABLE", "allowed_plugins"]

PLUGIN_VARIABLE = "ILIME_PLUGINS"
"""Packages, separated by commas, whose factories this environment may run."""


def allowed_plugins() -> tuple[str, ...]:
    """Packages whose factories this environment may run."""
    return tuple(name.strip() for name in os.environ.get(PLUGIN_VARIABLE, "").split(",") if name.strip())
