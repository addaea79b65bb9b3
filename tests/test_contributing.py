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
BLOCK = re.compile(r"^```py(?:thon)?\n# (\S+?)(?:, in (\w+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TITLES = ("Add an estimator", "Add a baseline", "Add a segmenter")
HEAVY = shutil.ignore_patterns("__pycache__", "*.safetensors", "*.gz", "*.jpg", "*.png")

PROGRAM = """
import sys
import pytest
from tasks.reference_pages import registries_page
from tasks.spec.reading import parse_specification

SPEC = '''
corpus: {annotations: a.json, images: i}
model: {name: conse}
output: o
estimators: [insertion]
perturbation: {image_baseline: grey}
segmentation: {image: {method: stripes}}
'''
parse_specification(SPEC)
page = registries_page()
assert [name for name in ("insertion", "grey", "stripes") if f"`{name}`" not in page] == []
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", "--import-mode=importlib", *sys.argv[1:]]))
"""


def recipe(title):
    return BLOCK.findall(TEXT.split(f"\n## {title}\n")[1].split("\n## ")[0])


def apply(place, registry, body):
    """Write a new file, or add an entry behind the last one of a registry."""
    if registry:
        text = place.read_text(encoding="utf-8")
        end = text.index("\n    },\n)", text.index(f"\n{registry}: ")) + 1
        body = text[:end] + textwrap.indent(body, " " * 8) + text[end:]
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
    blocks = [block for title in TITLES for block in recipe(title)]
    for path, registry, body in blocks:
        apply(copy / path, registry, body)
    return copy, [path for path, _, _ in blocks]


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
    assert [bool(registry) for _, registry, _ in recipe(title)] == [False, True, False]
    assert [path.startswith("tests/") for path, _, _ in recipe(title)] == [False, False, True]


def test_new_methods_are_in_the_spec_and_the_docs_and_compute_what_their_tests_say(followed):
    copy, paths = followed
    tests = [path for path in paths if path.startswith("tests/")]
    assert "4 passed" in ran(copy, sys.executable, "-c", PROGRAM, *tests)


def test_recipes_follow_the_style(followed):
    copy, paths = followed
    ruff = [sys.executable, "-m", "ruff"]
    ran(copy, *ruff, "format", "--check", "--no-cache", *paths)
    ran(copy, *ruff, "check", "--no-cache", *paths)
