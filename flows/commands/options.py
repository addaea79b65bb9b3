"""Options that several commands share."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

__all__ = ["root_option", "selector_argument", "spec_options"]

F = TypeVar("F", bound=Callable[..., Any])

root_option = click.option(
    "--root", default=".", show_default=True, metavar="ROOT", help="Output that holds the run: URL or folder."
)

selector_argument = click.argument("run", metavar="[RUN]", default="latest")


def spec_options(function: F) -> F:
    """SPEC with everything that can change it."""
    for decorate in (
        click.option(
            "--allow-plugin", multiple=True, metavar="PACKAGE", help="Package that model.factory may use."
        ),
        click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Only the first N images."),
        click.option("--set", "changes", multiple=True, metavar="K=V", help="Change a field: --set seed=1"),
        click.argument("spec", type=click.Path(dir_okay=False)),
    ):
        function = decorate(function)
    return function
