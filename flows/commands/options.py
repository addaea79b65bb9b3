"""Options that several commands share."""

import os
from collections.abc import Callable
from typing import Any, TypeVar

import click

from ilime_core.near_names import did_you_mean

__all__ = ["NearChoice", "log_option", "root_option", "selector_argument", "spec_options"]

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


def _set_log(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
    del context, parameter
    if value is not None:
        os.environ["ILIME_LOG"] = value  # child processes write their lines in the same form


log_option = click.option(
    "--log",
    type=NearChoice(["text", "json"]),
    expose_value=False,
    callback=_set_log,
    help="Form of the lines where standard error is no terminal.  [default: text, or what ILIME_LOG says]",
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
        log_option,
        click.argument("spec", type=click.Path(dir_okay=False)),
    ):
        function = decorate(function)
    return function
