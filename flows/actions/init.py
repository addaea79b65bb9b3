"""``ilime init``: a commented spec for a corpus and a model."""

import json
from dataclasses import dataclass
from pathlib import Path

import click

from flows.console.model_choice import model_fields
from flows.exit_status import DONE
from ilime_core.errors import InputError
from tasks.corpora.guess import CorpusGuess, guess_corpus, guess_labels
from tasks.corpora.registry import FORMATS
from tasks.run_files.suggested_commands import ilime_command
from tasks.spec import CorpusParameters, ExplainParameters
from tasks.spec.reading import parse_specification
from tasks.spec.relative_paths import settled
from tasks.spec.writing import commented_spec
from tasks.stages.measure.cost import cost_of_pair

__all__ = ["Wanted", "write_spec"]

_ALWAYS = ("format", "images", "split", "limit")
_SHOWN = (
    "segmentation.image.method",
    "segmentation.image.n_segments",
    "segmentation.text.unit",
    "perturbation.max_image_masks",
    "perturbation.max_text_masks",
    "perturbation.image_baseline",
    "perturbation.text_removal",
    "estimators",
    "pairs.positives",
    "pairs.errors",
    "pairs.retrieved",
    "pairs.sample_queries",
    "faithfulness.sample",
    "failures.tolerate",
    "output",
    "runner.name",
    "runner.workers",
    "seed",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Arguments of ``ilime init``."""

    images: str
    annotations: str
    format: str | None
    model: str
    output: str
    """Empty for a folder beside the spec."""


def write_spec(wanted: Wanted, out: str, *, force: bool) -> int:
    """Write the spec, and print what was guessed and what comes next.

    Parameters
    ----------
    wanted
        Arguments of the command line.
    out
        File to write.
    force
        Overwrite an existing file.

    Returns
    -------
    int
        Exit status.

    Raises
    ------
    InputError
        If the corpus is like no known one, a name is unknown, or the file is there already.
    """
    guess = (
        CorpusGuess(wanted.format, "as asked", _labels(wanted))
        if wanted.format
        else guess_corpus(wanted.images, wanted.annotations)
    )
    corpus = {"format": guess.format, "images": wanted.images, **dict(guess.fields)}
    if wanted.annotations:
        corpus["annotations"] = wanted.annotations
    model = model_fields(wanted.model)
    tree = _placed({"corpus": corpus, "model": model, "output": wanted.output or "explanations"}, wanted, out)
    parameters = parse_specification(json.dumps(tree), where="ilime init")
    notes = {"faithfulness.sample": _cost(parameters)}
    text = commented_spec(parameters, _fields(parameters, corpus, model), _head(guess, out), notes)
    parse_specification(text, where=out)
    try:
        with Path(out).open("w" if force else "x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError as error:
        raise InputError(
            f"{out} is there already; --force overwrites it, --out names another file"
        ) from error
    except OSError as error:
        raise InputError(f"{out}: cannot be written ({error.strerror}); choose another --out") from error
    click.echo(f"corpus: {guess.format} ({guess.why})")
    click.echo(f"wrote {out}; try it: {ilime_command('check', out)}")
    return DONE


def _placed(tree: dict[str, object], wanted: Wanted, out: str) -> dict[str, object]:
    """Paths as they were typed where they mean the same in the spec, and else absolute ones.

    What was typed starts from the current folder, what a spec says from its own.
    """
    if Path(out).resolve().parent == Path.cwd().resolve():
        return tree
    moved = settled(tree, "")
    return moved if wanted.output else moved | {"output": tree["output"]}


def _labels(wanted: Wanted) -> tuple[tuple[str, str], ...]:
    """Of a table of pairs, whatever its other columns are called: unread labels would make all match."""
    known = FORMATS.entries.get(wanted.format or "")
    labelled = known is not None and "label_column" in known.fields
    return guess_labels(wanted.annotations) if labelled and wanted.annotations else ()


def _fields(parameters: ExplainParameters, corpus: dict[str, str], model: dict[str, str]) -> list[str]:
    """What has been set, then what people change most."""
    order = list(CorpusParameters.model_fields)
    of_corpus = sorted({*_ALWAYS, *corpus}, key=order.index)
    of_model = [
        name for name in type(parameters.model).model_fields if name in {*model, "device", "precision"}
    ]
    return [*(f"corpus.{name}" for name in of_corpus), *(f"model.{name}" for name in of_model), *_SHOWN]


def _cost(parameters: ExplainParameters) -> str:
    measuring, explaining = cost_of_pair(parameters)
    return (
        f"An image with a caption takes up to {measuring:,} encodes to measure and about {explaining:,} to "
        "explain; ilime plan counts both."
    )


def _head(guess: CorpusGuess, out: str) -> list[str]:
    return [
        f"Corpus: {guess.format} ({guess.why}).",
        "Fields that are not here keep their defaults; docs/spec.md lists them all.",
        "Next:",
        f"  {ilime_command('check', out)}",
        f"  {ilime_command('plan', out, '--calibrate')}",
        f"  {ilime_command('explain', out)}",
    ]
