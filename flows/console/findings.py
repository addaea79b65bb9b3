"""Findings of ``check`` and ``doctor``: one line each, and the exit status of all."""

from dataclasses import dataclass
from enum import StrEnum
from functools import partial

import click

from flows.exit_status import BAD_INPUT, DONE

__all__ = ["Finding", "Level", "findings_status", "ok", "report_finding", "warning", "wrong"]


class Level(StrEnum):
    """Severity of a finding."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"


_COLOURS = {Level.OK: "green", Level.WARNING: "yellow", Level.WRONG: "red"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line.

    Attributes
    ----------
    name
        What was looked at, in a word or two.
    text
        What was found, and after a colon what to do where it is not right.
    """

    level: Level
    name: str
    text: str


ok = partial(Finding, Level.OK)
"""Finding without a problem, from its name and text."""

warning = partial(Finding, Level.WARNING)
"""Finding about something that runs and most likely not as intended; the text says the cure, too."""

wrong = partial(Finding, Level.WRONG)
"""Finding about something that would not run; the text says the cure, too."""


def report_finding(found: list[Finding], finding: Finding) -> None:
    """Print a finding at once and keep it.

    Parameters
    ----------
    found
        List that the finding is appended to.
    finding
        Finding to print; characters that are not printable become ``?``.
    """
    found.append(finding)
    line = " ".join(finding.text.split())
    printable = "".join(character if character.isprintable() else "?" for character in line)
    click.echo(
        f"{click.style(f'{finding.level:<8}', fg=_COLOURS[finding.level])} {finding.name:<12} {printable}"
    )


def findings_status(found: list[Finding]) -> int:
    """2 where something is wrong, else 0; warnings alone are no failure."""
    return BAD_INPUT if any(finding.level is Level.WRONG for finding in found) else DONE
