"""``ilime demo``: the main job on pictures that need no download."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import click
from rich.console import Console

from flows.launch import launch_explain
from flows.report import report_run
from ilime_core.errors import InputError
from tasks.corpora.demo import materialise_demo
from tasks.corpora.scenes import SceneCorpus, materialise_scenes
from tasks.parameters import ExplainParameters
from tasks.runs import open_run
from tasks.scene_truth import by_kind, place_words
from tasks.specification import load_parameters

__all__ = ["SCENES", "Demo", "demo_parameters", "run_demo"]

PAGES = 36
"""Pairs that get a page: all of them would take longer to draw than the demo's three minutes allow."""

SCENES = 48
"""Generated scenes that are explained unless another number is asked for."""

_SCENES = "scenes"


@dataclass(frozen=True, slots=True)
class Demo:
    """Which demo is wanted.

    Attributes
    ----------
    model
        ``conse`` explains bundled photographs, ``scenes`` generated pictures.
    scenes
        How many are generated; 0 with ``conse``.
    """

    model: str = "conse"
    scenes: int = 0

    @classmethod
    def of(cls, model: str, scenes: int | None) -> "Demo":
        """The demo that a command line names.

        Raises
        ------
        InputError
            If a number of scenes is given to another demo.
        """
        if model == "scenes":
            return cls(model, scenes or SCENES)
        if scenes is not None:
            raise InputError(f"--scenes {scenes} goes with --model scenes, got --model {model}")
        return cls(model)

    @property
    def folder(self) -> str:
        """Where everything is written unless the command line says otherwise."""
        return "ilime-demo-scenes" if self.model == "scenes" else "ilime-demo"

    @property
    def spec(self) -> str:
        """Name of its spec, here and in the folder."""
        return "demo_scenes.yaml" if self.model == "scenes" else "demo.yaml"


def run_demo(demo: Demo, out: str, changes: Iterable[str]) -> int:
    """Write corpus and spec below ``out``, explain them, and say where the report is."""
    folder = Path(out or demo.folder).resolve()
    status = launch_explain(demo_parameters(folder, changes, demo))
    if status == 0:
        for line in _truth_lines(folder) if demo.model == "scenes" else ():
            click.echo(line)
        page = report_run(str(folder / "tables"), "latest", folder / "report", Console(stderr=True), PAGES)
        click.echo(f"report: {page}")
    return status


def _truth_lines(folder: Path) -> Iterator[str]:
    """How often the strongest region is right, which only generated pictures can tell."""
    run = open_run(str(folder / "tables"), "latest")
    kinds = by_kind(list(place_words(run, SceneCorpus.below(folder / _SCENES))))
    if kinds:
        told = ", ".join(f"{kind.kind} {kind.hit:.0%}" for kind in kinds)
        chance = kinds[0].hit_chance
        yield f"strongest region of a word lies on its object: {told} (any region: {chance:.0%})"


def demo_parameters(folder: Path, changes: Iterable[str] = (), demo: Demo | None = None) -> ExplainParameters:
    """Write corpus and spec of a demo below an absolute folder; the spec with its places filled in.

    Raises
    ------
    InputError
        If the folder cannot be written to.
    """
    wanted = demo or Demo()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        spec = folder / wanted.spec
        spec.write_text((files("flows") / wanted.spec).read_text(encoding="utf-8"), encoding="utf-8")
        corpus = (
            materialise_scenes(folder / _SCENES, wanted.scenes)
            if wanted.model == "scenes"
            else materialise_demo(folder / "corpus")
        )
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
