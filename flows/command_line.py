"""``ilime``: one light entry; a command's own imports happen when it runs."""

import importlib
import importlib.util
import os
import sys
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

__all__ = ["main"]

COMMANDS = (
    "demo",
    "init",
    "check",
    "doctor",
    "plan",
    "explain",
    "measure",
    "pair",
    "runs",
    "status",
    "verify",
    "diff",
    "prune",
    "show",
    "report",
    "serve",
)

DONE, TOO_MANY_FAILED, BAD_INPUT, STOPPED = 0, 1, 2, 3


class CommandGroup(click.Group):
    """Commands by name, each in its own module, in the order people meet them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        return importlib.import_module(f"flows.commands.{cmd_name}").command


@click.group(
    cls=CommandGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Examples:
  ilime demo                                 bundled photographs, a real model, no download
  ilime init --images photos/                a spec to begin with
  ilime check spec.yaml                      model, 32 items and output, in a minute
  ilime explain spec.yaml                    run, or resume
  ilime pair cat.jpg "a cat on a sofa"       one pair, with a picture

Exit status: 0 done, 1 more items failed than tolerated, 2 bad input, 3 stopped before the end.""",
)
@click.version_option(package_name="ilime")
def ilime() -> None:
    """Explain whole image-text retrieval benchmarks: which regions answer which words, and why."""


def main() -> None:
    """Run the command line; every foreseen problem ends in one line and its exit status."""
    _refuse_shadowed_packages()
    from ilime_core.errors import IlimeError, InputError  # noqa: PLC0415 - after the check that the package is ours

    try:
        with _one_line_warnings():
            status = ilime.main(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(STOPPED)
    except click.ClickException as error:
        error.show()
        sys.exit(BAD_INPUT)
    except InputError as error:
        click.echo(f"ilime: {_one_line(error)}", err=True)
        sys.exit(BAD_INPUT)
    except IlimeError as error:  # storage, transport, engine: what would not fail again
        click.echo(
            f"ilime: {_one_line(error)}; nothing committed is lost: the same command resumes", err=True
        )
        sys.exit(STOPPED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(DONE)
    sys.exit(status if isinstance(status, int) else DONE)


@contextmanager
def _one_line_warnings() -> Generator[None]:
    """What ilime warns of, once and in one line on standard error; libraries' warnings as they were."""
    from ilime_core.errors import IlimeWarning  # noqa: PLC0415 - after the check that the package is ours

    said: set[str] = set()
    with warnings.catch_warnings():
        others = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *place: Any) -> None:
            line = _one_line(message)
            if not issubclass(category, IlimeWarning):
                others(message, category, *place)
            elif line not in said:
                said.add(line)
                click.echo(f"ilime: warning: {line}", err=True)

        warnings.simplefilter("always", IlimeWarning)
        warnings.showwarning = show
        yield


def _one_line(error: object) -> str:
    """No control characters: parts of a message may come from a corpus."""
    text = " ".join(str(error).split())
    return "".join(character if character.isprintable() else "?" for character in text)


def _refuse_shadowed_packages() -> None:
    """``tasks`` and ``flows`` are common names: a foreign one would run instead of ours."""
    home = Path(__file__).resolve().parent.parent
    for name in ("ilime_core", "tasks", "flows"):
        spec = importlib.util.find_spec(name)
        origin = Path(spec.origin).resolve() if spec and spec.origin else None
        if origin != home / name / "__init__.py":
            click.echo(
                f"ilime: {origin} shadows ilime's own package {name!r}; move it off sys.path", err=True
            )
            sys.exit(BAD_INPUT)
