"""``ilime pair``: two items, explained by the same stages as a benchmark."""

import json
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from rich.console import Console

from flows.console.model_choice import model_fields
from flows.execution import execute
from flows.exit_status import DONE
from flows.launch import exit_status
from ilime_core.errors import InputError
from ilime_core.regular_file import read_regular
from tasks.figures.pair_figure import pair_figure
from tasks.figures.pair_picture import read_pair
from tasks.report.terminal import match_lines
from tasks.runs.run import open_run
from tasks.spec import ExplainParameters
from tasks.spec.reading import load_parameters, parse_specification

__all__ = ["AskedPair", "explain_pair"]

_IMAGE_NAMES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff")


@dataclass(frozen=True, slots=True)
class AskedPair:
    """Pair of the command line: an image and a text, two images, or two texts."""

    left: str
    right: str
    texts: bool = False
    """Whether both are texts."""

    @property
    def images(self) -> bool:
        """True if both are images: the second names a file, or would by its ending."""
        named = self.right.lower().endswith(_IMAGE_NAMES) and not any(map(str.isspace, self.right))
        return not self.texts and (named or _is_file(self.right))


def explain_pair(asked: AskedPair, model_spec: str, picture: str, masks: int) -> int:
    """Explain a pair inline, print its strongest matches and draw it.

    Parameters
    ----------
    asked
        The pair.
    model_spec
        Spec file, or a model as `ilime init` takes it.
    picture
        File (PNG) to write.
    masks
        Most masks of an image; of a pair of texts, of a text.

    Returns
    -------
    int
        Exit status.
    """
    target = Path(picture)
    with TemporaryDirectory(prefix="ilime-pair-") as folder:
        kind = "text" if asked.texts else "image"
        changes = [*_corpus_of_one(Path(folder), asked), f"perturbation.max_{kind}_masks={masks}"]
        parameters = _parameters(model_spec, changes)
        outcome = execute(
            "explain", parameters, Console(stderr=True, quiet=not Console(stderr=True).is_terminal)
        )
        if not outcome.finished:
            return exit_status(outcome, parameters)
        run = open_run(outcome.run.root, outcome.run.run_id)
        pair_id = run.table("pairs", ["pair_id"])["pair_id"][0].as_py()
        for line in match_lines(run, pair_id, "--masks"):
            click.echo(line)
        try:
            target.write_bytes(pair_figure(read_pair(run, pair_id)))
        except OSError as error:
            raise InputError(
                f"{target}: cannot be written ({error.strerror}); choose another --picture"
            ) from error
    click.echo(f"picture: {target}")
    return DONE


def _read(image: Path) -> bytes:
    try:
        return read_regular(image)
    except OSError as error:
        raise InputError(f"{image}: cannot be read ({error.strerror}); give an image file") from error


def _is_file(name: str) -> bool:
    try:
        return Path(name).is_file()
    except (OSError, ValueError):  # a long text is no name of a file
        return False


def _corpus_of_one(folder: Path, asked: AskedPair) -> list[str]:
    """Write a corpus of one pair; returns what the spec has to say of it."""
    corpus = _alike(folder, asked) if asked.texts or asked.images else _captioned(folder, asked)
    return [
        f"corpus={json.dumps(corpus)}",
        f"output={folder / 'tables'}",
        "runner.name=inline",
        "faithfulness.sample=0",
        "failures.tolerate=0",
    ]


def _captioned(folder: Path, asked: AskedPair) -> dict[str, str]:
    name = _copy(asked.left, folder / "images")
    sentence = {"raw": asked.right, "sentid": 0}
    entry = {"filename": name, "imgid": 0, "split": "test", "sentences": [sentence]}
    annotations = folder / "pair.json"
    annotations.write_text(json.dumps({"images": [entry]}), encoding="utf-8")
    return {"annotations": str(annotations), "images": str(folder / "images")}


def _alike(folder: Path, asked: AskedPair) -> dict[str, str]:
    left, right = asked.left, asked.right
    same = left == right
    if asked.images:
        # A folder each: both files may have one name.
        left, right = (
            f"{side}/{_copy(name, folder / 'images' / side)}"
            for side, name in (("query", left), ("candidate", right))
        )
        same = (folder / "images" / left).read_bytes() == (folder / "images" / right).read_bytes()
    if same:
        raise InputError(
            f"{asked.left} is given twice, and nothing answers itself: give "
            + ("another photograph, if only a crop of it" if asked.images else "another text")
        )
    annotations = folder / "pair.jsonl"
    annotations.write_text(json.dumps({"query": left, "candidate": right}), encoding="utf-8")
    kind = "image_pairs" if asked.images else "text_pairs"
    images = folder / "images" if asked.images else folder  # texts have no folder of images
    return {"format": kind, "annotations": str(annotations), "images": str(images)}


def _copy(image: str, folder: Path) -> str:
    """Copy an image into a folder of its own; its name there."""
    data = _read(Path(image))
    folder.mkdir(parents=True)
    name = Path(image).name
    (folder / name).write_bytes(data)
    return name


def _parameters(model_spec: str, changes: list[str]) -> ExplainParameters:
    if model_spec.endswith((".yaml", ".yml")):
        return load_parameters(Path(model_spec), changes)
    return parse_specification(f"model: {json.dumps(model_fields(model_spec))}", changes, "--model")
