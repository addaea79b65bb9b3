"""Public names are unique: whoever searches a class or function finds one definition."""

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("flows", "ilime_core", "tasks")

SHARED = {
    # Entry points: the program that calls them looks for this name.
    "command",
    "main",
    # Deployed flows, and those of the command line: the name is the flow's name in Prefect.
    "explain",
    "measure",
    # The same reading of one architecture, once for open_clip and once for transformers.
    "build_tokeniser",
    "image_last_layer",
    "image_parts",
    "text_last_layer",
    "text_parts",
}


def test_no_two_modules_define_the_same_public_name():
    """The exceptions are exactly those that are listed, so that a stale one is noticed too."""
    places = defaultdict(list)
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*.py"):
            for node in ast.parse(file.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
                    places[node.name].append(file.relative_to(ROOT).as_posix())
    repeated = {name: files for name, files in places.items() if len(files) > 1}
    assert len(places) > 1000
    assert {name: files for name, files in repeated.items() if name not in SHARED} == {}
    assert SHARED - repeated.keys() == set()
