"""Tests about tests: whoever edits a module finds its tests by its name."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("flows", "ilime_core", "tasks", "training")
NAME = re.compile(r"\b(?:ilime_core|tasks|flows|training)(?:\.\w+)+")


def proved():
    """Modules that a test file's docstring names after the word Proves."""
    for file in (ROOT / "tests").rglob("test_*.py"):
        _, word, names = (ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "").partition(
            "Proves "
        )
        if word:
            yield from NAME.findall(names)


def test_every_module_has_a_test_that_its_name_finds():
    """The file of its name in the mirrored folder, or one that says that it proves the module."""
    modules = [
        path.relative_to(ROOT)
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if path.name != "__init__.py"
    ]
    known = set(proved())
    lost = [
        ".".join(module.with_suffix("").parts)
        for module in modules
        if not (ROOT / "tests" / module.parent / f"test_{module.name}").exists()
        and ".".join(module.with_suffix("").parts) not in known
    ]
    assert len(modules) > 500
    assert lost == []
