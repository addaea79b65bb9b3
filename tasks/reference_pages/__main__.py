"""Command that prints a reference page."""

import sys

from ilime_core.errors import InputError
from tasks.reference_pages.pages import PAGES

__all__ = ["main"]


def main(arguments: list[str]) -> None:
    """Print a page.

    Raises
    ------
    InputError
        If there is no such page.
    """
    name = arguments[0] if arguments else "tables"
    if name not in PAGES or len(arguments) > 1:
        raise InputError(f"got {' '.join(arguments)!r}, one of {', '.join(PAGES)} is needed")
    sys.stdout.write(PAGES[name]())


if __name__ == "__main__":
    main(sys.argv[1:])
