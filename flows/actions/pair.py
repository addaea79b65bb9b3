"""``ilime pair``: two items, explained in memory with the numbers of a run."""

import json
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console

from flows.console.inline_pictures import show_inline
from flows.console.model_choice import model_fields
from flows.console.printed_lines import print_lines
from flows.exit_status import DONE
from ilime_core.encoders.building import build_encoder
from ilime_core.errors import InputError
from ilime_core.explaining.contents import read_content
from ilime_core.explaining.pairs import explain_pair
from tasks.figures.explained_picture import explained_picture
from tasks.figures.pair_figure import pair_figure
from tasks.process.models import encoder_specification
from tasks.report.terminal import match_lines
from tasks.spec import ExplainParameters
from tasks.spec.memory_options import memory_options
from tasks.spec.reading import load_parameters, parse_specification

__all__ = ["AskedPair", "show_pair"]

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

    @property
    def items(self) -> tuple[Path | str, Path | str]:
        """Both items: files of images, and texts."""
        left = self.left if self.texts else Path(self.left)
        return left, Path(self.right) if self.images else self.right


def show_pair(asked: AskedPair, model_spec: str, picture: str, masks: int, html: str = "") -> int:
    """Explain a pair, print its strongest matches and draw it; nothing else is written.

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
    html
        File of a page to write; empty for none.

    Returns
    -------
    int
        Exit status.

    Raises
    ------
    InputError
        If an item cannot be read or explained, both are one, the spec's first estimator explains no items, or
        the picture cannot be written.
    """
    left, right = asked.items
    _refuse_twins(asked)
    parameters = _parameters(
        model_spec, f"perturbation.max_{'text' if asked.texts else 'image'}_masks={masks}"
    )
    options = memory_options(parameters)
    model = parameters.model
    with Console(stderr=True).status("explaining"):
        encoder = build_encoder(encoder_specification(model), model.device, model.precision)
        found = explain_pair(encoder, left, right, options)
    pair = explained_picture(found, left, right)
    print_lines(match_lines(pair, "--masks"))
    drawn = pair_figure(pair)
    show_inline(drawn)
    _write(Path(picture), drawn, "picture")
    if html:
        _write(Path(html), found.page().encode(), "html")
    return DONE


def _write(target: Path, content: bytes, option: str) -> None:
    try:
        target.write_bytes(content)
    except OSError as error:
        raise InputError(
            f"{target}: cannot be written ({error.strerror}); choose another --{option}"
        ) from error
    click.echo(f"{'page' if option == 'html' else option}: {target}")


def _is_file(name: str) -> bool:
    try:
        return Path(name).is_file()
    except (OSError, ValueError):  # a long text is no name of a file
        return False


def _refuse_twins(asked: AskedPair) -> None:
    """Refuse equal items; what cannot be read is refused here, too, before a model is loaded."""
    left, right = map(read_content, asked.items)
    if left.sha256 == right.sha256:
        raise InputError(
            f"{asked.left} is given twice, and nothing answers itself: give "
            + ("another photograph, if only a crop of it" if asked.images else "another text")
        )


def _parameters(model_spec: str, masks: str) -> ExplainParameters:
    """A spec whose first estimator is its only one; a spec has a corpus and an output, which are not read."""
    places = json.dumps({"annotations": "none", "images": "none"})
    changes = [f"corpus={places}", "output=none", masks]
    if model_spec.endswith((".yaml", ".yml")):
        found = load_parameters(Path(model_spec), changes)
    else:
        text = f"model: {json.dumps(model_fields(model_spec))}"
        found = parse_specification(text, changes, "--model").spec()
    return found.model_copy(update={"estimators": found.estimators[:1]})
