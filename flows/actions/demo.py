"""``ilime demo``: the main job on pictures that need no download."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType

import click
from rich.console import Console

from flows.actions.report import report_run
from flows.console.printed_lines import print_lines
from flows.engine.server_ahead import server_ahead
from ilime_core.errors import InputError
from tasks.corpora.demos.laying_out import LabelledCorpus
from tasks.corpora.demos.mosaics import materialise_mosaics
from tasks.corpora.demos.photographs import DemoCorpus, materialise_demo
from tasks.corpora.demos.scenes import materialise_scenes
from tasks.report.scene_truth import by_kind, place_words
from tasks.runs.run import open_run
from tasks.spec import ExplainParameters
from tasks.spec.reading import load_parameters

__all__ = ["ITEMS", "Demo", "demo_parameters", "run_demo"]


ITEMS = MappingProxyType({"scenes": 48, "mosaics": 24})
"""Pictures that are generated unless another number is asked for."""

PHOTOGRAPHS = "photographs"


@dataclass(frozen=True, slots=True)
class Demo:
    """Choice of a demo corpus and its size.

    Attributes
    ----------
    corpus
        ``photographs`` are bundled, ``scenes`` and ``mosaics`` of photographs are generated.
    items
        How many pictures are generated; 0 for photographs.
    """

    corpus: str = PHOTOGRAPHS
    items: int = 0

    @classmethod
    def of(cls, corpus: str, items: int | None) -> "Demo":
        """The demo that a command line names.

        Parameters
        ----------
        corpus
            Name of a demo corpus.
        items
            Number of pictures to generate; None takes the corpus's default.

        Returns
        -------
        Demo
            The choice.

        Raises
        ------
        InputError
            If a number of pictures is asked of photographs.
        """
        if corpus != PHOTOGRAPHS:
            return cls(corpus, items or ITEMS[corpus])
        if items is not None:
            raise InputError(
                f"--items {items} goes with --corpus {' or '.join(ITEMS)}, got --corpus {corpus}: there are"
                " twelve photographs"
            )
        return cls(corpus)

    @property
    def folder(self) -> str:
        """Default folder of everything that the demo writes."""
        return "ilime-demo" if self.corpus == PHOTOGRAPHS else f"ilime-demo-{self.corpus}"

    @property
    def spec(self) -> str:
        """Name of its spec, here and in the folder."""
        return "demo.yaml" if self.corpus == PHOTOGRAPHS else f"demo_{self.corpus}.yaml"

    def place(self, folder: Path) -> Path:
        """Folder of the demo's corpus below the demo's folder."""
        return folder / ("corpus" if self.corpus == PHOTOGRAPHS else self.corpus)

    def materialise(self, folder: Path) -> DemoCorpus | LabelledCorpus:
        """Lay its corpus out."""
        if self.corpus == "scenes":
            return materialise_scenes(self.place(folder), self.items)
        if self.corpus == "mosaics":
            return materialise_mosaics(self.place(folder), self.items)
        return materialise_demo(self.place(folder))


def run_demo(demo: Demo, out: str, changes: Iterable[str]) -> int:
    """Write corpus and spec below ``out``, explain them, and print where the report is.

    Parameters
    ----------
    demo
        Choice of the corpus.
    out
        Folder to write to; empty takes the demo's own name.
    changes
        ``a.b=c`` changes of the spec.

    Returns
    -------
    int
        Exit status; the report is written only if it is 0.
    """
    folder = Path(out or demo.folder).resolve()
    parameters = demo_parameters(folder, changes, demo)
    with server_ahead(parameters.runner.name) as server:
        from flows.launch import launch_explain  # noqa: PLC0415 - the server starts meanwhile

        status = launch_explain(parameters, server=server)
    if status == 0:
        print_lines(_truth_lines(folder, demo) if demo.corpus == "scenes" else ())
        page = report_run(str(folder / "tables"), "latest", folder / "report", Console(stderr=True))
        click.echo(f"report: {page}")
    return status


def _truth_lines(folder: Path, demo: Demo) -> Iterator[str]:
    """How often the strongest region is right, for each kind of a scene's words."""
    run = open_run(str(folder / "tables"), "latest")
    kinds = by_kind(list(place_words(run, LabelledCorpus.below(demo.place(folder)))))
    if kinds:
        told = ", ".join(f"{kind.kind} {kind.hit:.0%} of {kind.n_words:,}" for kind in kinds)
        chance = kinds[0].hit_chance
        yield f"strongest region of a word lies on its object: {told} (any region: {chance:.0%})"


def demo_parameters(folder: Path, changes: Iterable[str] = (), demo: Demo | None = None) -> ExplainParameters:
    """Write corpus and spec of a demo, and read the spec.

    Parameters
    ----------
    folder
        Absolute folder, made if absent.
    changes
        ``a.b=c`` changes of the spec.
    demo
        Choice of the corpus; None takes the photographs.

    Returns
    -------
    ExplainParameters
        The spec, its paths absolute.

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
        wanted.materialise(folder)
    except OSError as error:
        raise InputError(
            f"{folder}: cannot be written ({error.strerror or error}); choose another --out"
        ) from error
    return load_parameters(spec, changes)
