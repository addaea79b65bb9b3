"""Hooks of mkdocs: pages that lie at the top of the tree, and fences that say how a block is tested."""

import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File

ROOT = Path(__file__).parents[1]

# README is the first page; the two others are pages that contributors look for at the top of the tree.
_TOP = {"README.md": "index.md", "CHANGELOG.md": "CHANGELOG.md", "CONTRIBUTING.md": "CONTRIBUTING.md"}

# "sql photographs" and "python runnable" are read by tests; a page needs the language alone.
_FENCE = re.compile(r"^(```[a-z]+) [a-z ]+$", re.MULTILINE)

# Of these files a page shows the path: they are read in the tree.
_OF_TREE = re.compile(r"\[([^\]]+)\]\((?:\.\./)?((?:deployments|tasks|\.ci|tests)/[^)\s]+)\)")


def on_files(files: Any, config: Any) -> Any:
    """Add the pages of the top folder."""
    for name, page in _TOP.items():
        text = (ROOT / name).read_text(encoding="utf-8")
        text = text.replace("](docs/", "](").replace("](README.md", "](index.md")
        files.append(File.generated(config, page, content=text))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Shorten fences, and show paths of the tree as code."""
    return _OF_TREE.sub(r"`\2`", _FENCE.sub(r"\1", markdown))
