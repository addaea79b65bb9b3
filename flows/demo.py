"""``ilime demo``: the main job on photographs that ship inside the dependencies."""

from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

import click
from rich.console import Console

from flows.launch import launch_explain
from flows.report import report_run
from ilime_core.errors import InputError
from tasks.corpora.demo import materialise_demo
from tasks.parameters import ExplainParameters
from tasks.specification import load_parameters

__all__ = ["demo_parameters", "run_demo"]

PAGES = 36
"""Pairs that get a page: all of them would take longer to draw than the demo's three minutes allow."""


def run_demo(out: str, changes: Iterable[str]) -> int:
    """Write corpus and spec below ``out``, explain them, and say where the report is."""
    folder = Path(out).resolve()
    status = launch_explain(demo_parameters(folder, changes))
    if status == 0:
        page = report_run(str(folder / "tables"), "latest", folder / "report", Console(stderr=True), PAGES)
        click.echo(f"report: {page}")
    return status


def demo_parameters(folder: Path, changes: Iterable[str] = ()) -> ExplainParameters:
    """Write corpus and spec of the demo below an absolute folder; the spec with its places filled in.

    Raises
    ------
    InputError
        If the folder cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        corpus = materialise_demo(folder / "corpus")
        spec = folder / "demo.yaml"
        spec.write_text((files("flows") / "demo.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"{folder}: cannot be written ({error.strerror or error}); choose another --out"
        ) from error
    places = [
        f"corpus.annotations={corpus.annotations}",
        f"corpus.images={corpus.images}",
        f"output={folder / 'tables'}",
    ]
    return load_parameters(spec, [*places, *changes])
