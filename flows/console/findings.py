"""What ``check`` and ``doctor`` find: one line each, and the exit status of them all."""

from dataclasses import dataclass
from enum import StrEnum

import click

from flows.exit_status import BAD_INPUT, DONE

__all__ = ["Finding", "Level", "exit_status", "ok", "report", "warning", "wrong"]


class Level(StrEnum):
    """How bad it is."""

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


def ok(name: str, text: str) -> Finding:
    """All is well."""
    return Finding(Level.OK, name, text)


def warning(name: str, text: str) -> Finding:
    """It would run, and most likely not as it is meant."""
    return Finding(Level.WARNING, name, text)


def wrong(name: str, text: str) -> Finding:
    """It would not run."""
    return Finding(Level.WRONG, name, text)


def report(found: list[Finding], finding: Finding) -> None:
    """Print a finding at once and keep it."""
    found.append(finding)
    line = " ".join(finding.text.split())
    printable = "".join(character if character.isprintable() else "?" for character in line)
    click.echo(
        f"{click.style(f'{finding.level:<8}', fg=_COLOURS[finding.level])} {finding.name:<12} {printable}"
    )


def exit_status(found: list[Finding]) -> int:
    """2 where something is wrong, else 0; warnings alone are no failure."""
    return BAD_INPUT if any(finding.level is Level.WRONG for finding in found) else DONE
