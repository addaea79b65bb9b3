"""The recipes of CONTRIBUTING.md work as they are written, in a copy of the packages."""

import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
BLOCK = re.compile(
    r"^```py(?:thon)?\n# (?P<path>\S+?)"
    r'(?:, in (?P<registry>\w+)(?: before "(?P<before>\w+)")?(?:; the file imports (?P<imported>\w+))?)?\n'
    r"(?P<body>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
TITLES = ("Add an estimator", "Add a baseline", "Add a segmenter", "Add a model", "Add a corpus format")
HEAVY = shutil.ignore_patterns("__pycache__", "*.safetensors", "*.gz", "*.jpg", "*.png")

PROGRAM = """
import sys
import pytest
from tasks.reference_pages import registries_page
from tasks.spec.reading import parse_specification

SPEC = '''
corpus: {format: open_clip, annotations: a.json, images: i}
model: {name: colours}
output: o
estimators: [insertion]
perturbation: {image_baseline: grey}
segmentation: {image: {method: stripes}}
'''
parse_specification(SPEC)
page = registries_page()
rows = (
    "`insertion` | insertion | change of",
    "`grey` | grey | the view",
    "`stripes` | stripes | upright",
    "`colours` | colours | mean colour",
    "`open_clip` | training table of open_clip | the table",
)
assert [row for row in rows if row not in page] == []
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", "--import-mode=importlib", *sys.argv[1:]]))
"""


def recipe(title):
    return [found.groupdict() for found in BLOCK.finditer(TEXT.split(f"\n## {title}\n")[1].split("\n## ")[0])]


def new_entry(text, registry, before, body):
    """Text of a registry with an entry before the named one, or behind the last one."""
    start = text.index(f"\n{registry}: ")
    marker = f'\n        "{before}": ' if before else "\n    },\n)"
    end = text.index(marker, start) + 1
    return text[:end] + textwrap.indent(body, " " * 8) + text[end:]


def new_import(text, line):
    """Text of a module with an import in alphabetical order."""
    after = next(one for one in text.splitlines() if one.startswith("from tasks.") and one > line)
    return text.replace(after, f"{line}\n{after}", 1)


def follow(copy, blocks):
    """Write new files and entries of registries, with the imports that the entries need."""
    for block in blocks:
        place, body = copy / block["path"], block["body"]
        if block["registry"]:
            body = new_entry(place.read_text(encoding="utf-8"), block["registry"], block["before"], body)
            if block["imported"]:
                module = blocks[0]["path"].removesuffix(".py").replace("/", ".")
                body = new_import(body, f"from {module} import {block['imported']}")
        else:
            assert not place.exists(), f"{place} is there already"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(body, encoding="utf-8")


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    """A copy of the packages in which every recipe was followed to the letter, and the files it touched."""
    copy = tmp_path_factory.mktemp("copy")
    for package in ("ilime_core", "tasks"):
        shutil.copytree(ROOT / package, copy / package, ignore=HEAVY)
    shutil.copy(ROOT / "pyproject.toml", copy)
    recipes = [recipe(title) for title in TITLES]
    for blocks in recipes:
        follow(copy, blocks)
    return copy, [block["path"] for blocks in recipes for block in blocks]


def ran(copy, *command):
    found = subprocess.run(
        command,
        cwd=copy,
        env={"PYTHONPATH": str(copy), "PATH": "", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout + found.stderr
    return found.stdout


@pytest.mark.parametrize("title", TITLES)
def test_a_method_is_one_file_one_entry_and_one_test(title):
    assert [bool(block["registry"]) for block in recipe(title)] == [False, True, False]
    assert [block["path"].startswith("tests/") for block in recipe(title)] == [False, False, True]


def test_new_methods_are_in_the_spec_and_the_docs_and_compute_what_their_tests_say(followed):
    copy, paths = followed
    tests = [path for path in paths if path.startswith("tests/")]
    assert "6 passed" in ran(copy, sys.executable, "-c", PROGRAM, *tests)


def test_recipes_follow_the_style(followed):
    copy, paths = followed
    ruff = [sys.executable, "-m", "ruff"]
    ran(copy, *ruff, "format", "--check", "--no-cache", *paths)
    ran(copy, *ruff, "check", "--no-cache", *paths)
