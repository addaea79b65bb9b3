"""``ilime pair``: one image and one text, explained by the same stages as a benchmark."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from rich.console import Console

from flows.command_line import DONE
from flows.execution import execute
from flows.launch import exit_status
from flows.model_choice import model_fields
from ilime_core.errors import InputError
from tasks.figures.pair_figure import pair_figure
from tasks.figures.pair_picture import read_pair
from tasks.parameters import ExplainParameters
from tasks.report.terminal import match_lines
from tasks.runs import open_run
from tasks.specification import load_parameters, parse_specification

__all__ = ["explain_pair"]


def explain_pair(image: str, text: str, model_spec: str, picture: str, masks: int) -> int:
    """Explain a pair inline, print its strongest matches and draw it."""
    data = _read(Path(image))
    target = Path(picture)
    with TemporaryDirectory(prefix="ilime-pair-") as folder:
        changes = _benchmark_of_one(Path(folder), Path(image).name, data, text)
        changes.append(f"perturbation.max_image_masks={masks}")
        parameters = _parameters(model_spec, changes)
        outcome = execute(
            "explain", parameters, Console(stderr=True, quiet=not Console(stderr=True).is_terminal)
        )
        if not outcome.finished:
            return exit_status(outcome, parameters)
        run = open_run(outcome.run.root, outcome.run.run_id)
        pair_id = run.table("pairs", ["pair_id"])["pair_id"][0].as_py()
        for line in match_lines(run, pair_id):
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
        return image.read_bytes()
    except OSError as error:
        raise InputError(f"{image}: cannot be read ({error.strerror}); give an image file") from error


def _benchmark_of_one(folder: Path, name: str, data: bytes, text: str) -> list[str]:
    """Write a corpus of one image and one caption; returns what the spec has to say of it."""
    images = folder / "images"
    images.mkdir()
    (images / name).write_bytes(data)
    entry = {"filename": name, "imgid": 0, "split": "test", "sentences": [{"raw": text, "sentid": 0}]}
    annotations = folder / "pair.json"
    annotations.write_text(json.dumps({"images": [entry]}), encoding="utf-8")
    return [
        f"corpus={{annotations: {annotations}, images: {images}}}",
        f"output={folder / 'tables'}",
        "runner.name=inline",
        "faithfulness.sample=0",
        "failures.tolerate=0",
    ]


def _parameters(model_spec: str, changes: list[str]) -> ExplainParameters:
    if model_spec.endswith((".yaml", ".yml")):
        return load_parameters(Path(model_spec), changes)
    return parse_specification(f"model: {json.dumps(model_fields(model_spec))}", changes, "--model")
