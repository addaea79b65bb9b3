"""``ilime``: one light entry; a command's own imports happen when it runs."""

import atexit
import importlib
import importlib.util
import os
import sys
import traceback
import warnings
from collections.abc import Generator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from flows.console.failure_log import DEBUG_VARIABLE, append_to_log, bug_report, debugging
from flows.console.standard_streams import GuardedOutput, guard_streams
from flows.exit_status import BAD_INPUT, DONE, STOPPED

__all__ = ["main", "script"]

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
    "compare",
    "prune",
    "show",
    "query",
    "catalog",
    "export",
    "report",
    "serve",
)

WORKING = frozenset(
    {"demo", "init", "explain", "measure", "pair", "prune", "catalog", "export", "report", "serve"}
)
"""Commands whose work is done when their lines are lost; of the others the lines are all there is."""

PLACES = ("tables", "report:", "picture:", "wrote ")
"""How lines begin that say where the work lies."""

RESUMES = "nothing committed is lost: the same command resumes"


class CommandGroup(click.Group):
    """Commands by name, each in its own module, in the order people meet them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            from ilime_core.near_names import did_you_mean  # noqa: PLC0415 - after the check that it is ours

            hint = did_you_mean(cmd_name, COMMANDS) or f"; known: {', '.join(COMMANDS)}"
            raise click.UsageError(f"no command is called {cmd_name!r}{hint}", ctx)
        command = importlib.import_module(f"flows.commands.{cmd_name}").command
        if all(parameter.name != "debug" for parameter in command.params):
            command.params.append(_debug_option())
        return command


def _debug_option() -> click.Option:
    """``--debug`` of every command."""

    def debug(ctx: click.Context, param: click.Parameter, value: bool) -> None:  # noqa: ARG001 - click's signature
        if value:
            os.environ[DEBUG_VARIABLE] = "1"

    return click.Option(
        ["--debug"],
        is_flag=True,
        expose_value=False,
        callback=debug,
        help="Print tracebacks of what fails, for a bug report.",
    )


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

Exit status: 0 done, 1 more items failed than tolerated, 2 bad input, 3 stopped before the end, also by a
bug, whose traceback is in a log file then (--debug prints it).""",
)
@click.version_option(package_name="ilime")
def ilime() -> None:
    """Explain whole image-text retrieval benchmarks: which regions answer which words, and why."""


def script() -> None:
    """Run the command line as the installed script does: its process ends by itself.

    Destructors of native libraries are left out. They have nothing to write, and threads of these libraries
    may still be there: one of them aborted a finished run at its end.
    """
    ended: list[int] = []
    atexit.register(_leave, ended)  # the first that is registered is called last
    try:
        main()
    except SystemExit as end:
        ended.append(end.code if isinstance(end.code, int) else STOPPED)
        raise


def _leave(ended: list[int]) -> None:
    """End the process with the status of the command; a bug that got here ends as any Python program does."""
    if ended:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):  # closed, or nobody reads it
                stream.flush()
        os._exit(ended[0])


def main() -> None:
    """Run the command line; every problem ends in one line and its exit status, whatever becomes of it."""
    output = guard_streams()
    status = _status()
    with suppress(ValueError):  # the stream is closed
        sys.stdout.flush()
    status = _after_loss(output, status) if output.reason else status
    if _waits_for_ever():
        sys.stderr.flush()
        os._exit(status)
    sys.exit(status)


def _waits_for_ever() -> bool:
    """Whether Prefect would wait at the end for a server that is gone."""
    watch = sys.modules.get("flows.engine.engine_watch")
    return watch is not None and bool(watch.server_lost())


def _after_loss(output: GuardedOutput, status: int) -> int:
    """Report that lines were lost, and where their results are; the exit status."""
    said = f"standard output cannot be written ({output.reason})"
    if len(sys.argv) > 1 and sys.argv[1] in WORKING:
        places = [line for line in output.lost.splitlines() if line.startswith(PLACES)]
        _say("; ".join([f"{said}: all work is kept", *places]))
        return status
    if output.reader_left:
        return status
    _say(f"{said}: what was asked for is lost; make room or open it, and ask again")
    return status or STOPPED


def _status() -> int:
    _refuse_shadowed_packages()
    from ilime_core.errors import IlimeError, InputError, InternalError  # noqa: PLC0415 - after the check that the package is ours

    try:
        with _one_line_warnings():
            status = ilime.main(standalone_mode=False)
    except (click.exceptions.Abort, KeyboardInterrupt):
        return STOPPED
    except click.ClickException as error:
        error.show()
        return BAD_INPUT
    except InputError as error:
        _say(_one_line(error))
        return BAD_INPUT
    except Exception as error:  # noqa: BLE001 - Python's own status, 1, would tell of failed items
        if isinstance(error, InternalError) or not isinstance(error, IlimeError | OSError):
            _say_bug(error)
        else:  # storage, engine, this machine: what need not fail again
            told = isinstance(error, IlimeError) and error.says_what_to_do
            _say(_one_line(error) + f"; {RESUMES}" * (not told))
        return STOPPED
    return status if isinstance(status, int) else DONE


def _say_bug(error: Exception) -> None:
    """Say that an exception is a bug, and where its traceback is."""
    from flows.console.log_lines import Line  # noqa: PLC0415 - light commands do without it

    trace, named = "".join(traceback.format_exception(error)), f"{type(error).__name__}: {_one_line(error)}"
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}"
    log_file = append_to_log(name, [Line("bug", f"{named}", "error", traceback=trace)])
    if debugging() or log_file is None:
        for text in trace.splitlines():
            click.echo(_printable(text), err=True)
    _say(f"{bug_report(log_file, f' ({named})')}; {RESUMES}")


def _say(line: str) -> None:
    click.echo(f"ilime: {line}", err=True)


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
    return _printable(" ".join(str(error).split()))


def _printable(text: str) -> str:
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
