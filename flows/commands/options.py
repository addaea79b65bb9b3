"""Options that several commands share."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from ilime_core.near_names import did_you_mean

__all__ = ["NearChoice", "root_option", "selector_argument", "spec_options"]

F = TypeVar("F", bound=Callable[..., Any])


class NearChoice(click.Choice[str]):
    """A choice whose error names what was probably meant."""

    def get_invalid_choice_message(self, value: str, ctx: click.Context | None) -> str:
        """Message with the value, the nearest choice and all choices.

        Parameters
        ----------
        value
            Value of the command line.
        ctx
            Context of the command.

        Returns
        -------
        str
            One line.
        """
        return super().get_invalid_choice_message(value, ctx).removesuffix(".") + did_you_mean(
            str(value), map(str, self.choices)
        )


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
