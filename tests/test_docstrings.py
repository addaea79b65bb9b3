"""Docstrings of public functions are numpydoc: parameters and what is returned are described."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("flows", "tasks", "ilime_core")
FEW = 2
"""Parameters from which on they are described one by one."""


def public_functions(tree):
    """Functions that a module lists in ``__all__``, and public methods of such classes."""
    listed = [
        {name.value for name in node.value.elts}
        for node in tree.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__"
    ]
    names = listed[0] if listed else set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name in names:
            yield node
        if isinstance(node, ast.ClassDef) and node.name in names:
            yield from (
                one for one in node.body if isinstance(one, ast.FunctionDef) and not one.name.startswith("_")
            )


def lacks(function):
    """Sections that a docstring should have and has not."""
    doc = ast.get_docstring(function) or ""
    commands = any(
        "command" in ast.dump(one) or "overload" in ast.dump(one) for one in function.decorator_list
    )
    parameters = [
        one.arg for one in (*function.args.args, *function.args.kwonlyargs) if one.arg not in {"self", "cls"}
    ]
    if commands or doc.startswith("See ") or len(parameters) < FEW:
        return []
    returns = function.returns is not None and not (
        isinstance(function.returns, ast.Constant) and function.returns.value is None
    )
    wanted = ["Parameters"] + (["Returns"] if returns else [])
    return [
        one
        for one in wanted
        if f"{one}\n{'-' * len(one)}" not in doc.replace("Yields\n------", "Returns\n-------")
    ]


@pytest.mark.parametrize("package", PACKAGES)
def test_parameters_and_results_are_described(package):
    found = [
        (file, function)
        for file in (ROOT / package).rglob("*.py")
        for function in public_functions(ast.parse(file.read_text(encoding="utf-8")))
    ]
    lacking = {f"{file.relative_to(ROOT)}:{one.lineno} {one.name}": lacks(one) for file, one in found}
    assert found
    assert {place: sections for place, sections in lacking.items() if sections} == {}
