"""Lines on standard output: whole for programs, wrapped between words for people."""

import shutil
import sys
import textwrap
from collections.abc import Iterable

import click

__all__ = ["print_lines"]

_HANGING = 4
"""Columns by which the rest of a wrapped line stands further in."""


def print_lines(lines: Iterable[str]) -> None:
    """Print lines; a terminal gets them wrapped at its width, words and paths whole.

    Parameters
    ----------
    lines
        Lines without line ends; spaces at their beginning are kept.
    """
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    for line in lines:
        click.echo(_wrapped(line, width) if 0 < width < len(line) else line)


def _wrapped(line: str, width: int) -> str:
    indent = line[: len(line) - len(line.lstrip())]
    rest = indent + " " * _HANGING
    return textwrap.fill(
        line.strip(),
        width,
        initial_indent=indent,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
