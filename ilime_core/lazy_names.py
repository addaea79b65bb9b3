"""Public names of a package, each imported from its module when it is first read (PEP 562).

A package lists its names once, in its stub ``__init__.pyi``, where type checkers read them too. Importing the
package then imports none of its modules, and a command that needs one function does not wait for torch.
"""

import ast
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

__all__ = ["lazy_names"]


def lazy_names(package: str, file: str) -> tuple[Callable[[str], object], Callable[[], list[str]], list[str]]:
    """Return ``__getattr__``, ``__dir__`` and ``__all__`` of a package from its stub.

    Parameters
    ----------
    package, file
        Its ``__name__`` and ``__file__``; the stub is beside the file.

    Returns
    -------
    tuple
        ``__getattr__``, ``__dir__`` and ``__all__``, to be assigned in the package.
    """
    stub = ast.parse(Path(file).with_suffix(".pyi").read_text(encoding="utf-8"))
    modules = {
        name.name: line.module
        for line in stub.body
        if isinstance(line, ast.ImportFrom) and line.module
        for name in line.names
    }

    def get(name: str) -> object:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(modules[name]), name)

    return get, lambda: sorted(modules), sorted(modules)
