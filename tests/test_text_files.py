"""No text file of ours is read or written in whatever encoding the locale has."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted(path for part in ("ilime_core", "tasks", "flows") for path in (ROOT / part).rglob("*.py"))


def left_to_the_locale(source: str) -> list[int]:
    """Lines of calls that open text files and name no encoding."""
    return [
        call.lineno
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call) and _opens_text(call) and not _names_encoding(call)
    ]


def _opens_text(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name in {"read_text", "write_text"}:
        return True
    first = 1 if isinstance(call.func, ast.Name) else 0
    modes = [*call.args[first : first + 1], *(key.value for key in call.keywords if key.arg == "mode")]
    texts = [mode.value for mode in modes if isinstance(mode, ast.Constant) and isinstance(mode.value, str)]
    return name in {"open", "fdopen"} and any(set(text) <= set("rwax+t") for text in texts)


def _names_encoding(call: ast.Call) -> bool:
    return any(key.arg == "encoding" for key in call.keywords)


@pytest.mark.parametrize("part", ["ilime_core", "tasks", "flows"])
def test_encodings_are_named(part):
    found = {
        str(path.relative_to(ROOT)): lines
        for path in SOURCES
        if path.relative_to(ROOT).parts[0] == part and (lines := left_to_the_locale(path.read_text("utf-8")))
    }
    assert found == {}


def test_what_names_none_is_found():
    source = """
path.read_text()
open(path, "w")
path.open("a")
path.read_text(encoding="utf-8")
path.open("rb")
open(path, "w", encoding="utf-8")
"""
    assert left_to_the_locale(source) == [2, 3, 4]
