"""Files of a transformers model: folder, configuration and weights, before anything is built."""

import json
import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from ilime_core.encoders.hub_files import hub_folder, missing_files
from ilime_core.encoders.weight_files import check_weight_file
from ilime_core.errors import InputError
from ilime_core.regular_file import read_regular

__all__ = ["TransformersSource", "quiet_transformers", "resolve_folder"]

Json = Mapping[str, object]

_WEIGHTS = ("model.safetensors", "model.safetensors.index.json")
_OLD_WEIGHTS = "pytorch_model.bin"
_NEEDED = (
    ("config.json",),
    (*_WEIGHTS, _OLD_WEIGHTS),
    ("preprocessor_config.json", "processor_config.json"),
    ("tokenizer.json", "vocab.json", "spiece.model"),
)
_PATTERNS = ("*.json", "*.txt", "*.model", "model*.safetensors")
# What says where a model was saved, by whom and in which format, and nothing of what it computes.
_BOOKKEEPING = frozenset({"_name_or_path", "transformers_version", "architectures", "torch_dtype", "dtype"})


@dataclass(frozen=True, slots=True)
class TransformersSource:
    """A model that is at hand on this machine.

    Attributes
    ----------
    label
        What the user called it, for messages.
    folder
        In the layout of ``save_pretrained``.
    configuration
        Canonical JSON of ``config.json`` without its bookkeeping.
    model_type
        ``clip`` or ``siglip``.
    weights
        Weight files, sorted by name.
    """

    label: str
    folder: Path
    configuration: str
    model_type: str
    weights: tuple[Path, ...]


def resolve_folder(model: str) -> TransformersSource:
    """Find a model's folder, downloading it where it is not cached yet.

    Raises
    ------
    InputError
        If there is no such folder and no such model, or it is not complete, or of another kind; the message
        says what to do.
    """
    if not model:
        raise InputError("model.name 'transformers' needs model, a hub id (owner/name) or a local folder")
    folder = Path(model)
    if folder.is_dir():
        missing = missing_files(folder, _NEEDED)
        if missing is not None:
            raise InputError(
                f"the model folder {model} has no {missing}; save model, tokenizer and image processor there "
                "with save_pretrained"
            )
    elif re.fullmatch(r"[\w.-]+/[\w.-]+(@[\w./-]+)?", model) and not model.startswith("."):
        folder = _hub_folder(model)
    else:
        raise InputError(f"there is no folder {model}, and it does not look like a hub id (owner/name)")
    content = _read_json(folder / "config.json")
    kind = content.get("model_type")
    if kind not in {"clip", "siglip"}:
        raise InputError(
            f"{model} is a model of type {kind!r}; known are CLIP ('clip') and SigLIP of one resolution "
            "('siglip'). Use model.name plugin for others"
        )
    weights = _weights(folder)
    for file in weights:
        check_weight_file(file)
    return TransformersSource(
        label=model,
        folder=folder,
        configuration=json.dumps(_without_bookkeeping(content), sort_keys=True),
        model_type=str(kind),
        weights=weights,
    )


@contextmanager
def quiet_transformers() -> Generator[None]:
    """Load without progress bars and advice, and leave the settings as they were."""
    from transformers.utils import logging  # noqa: PLC0415 - seconds to import: only for who uses it

    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()


def _hub_folder(model: str) -> Path:
    """With safetensors where the repository has them: only then is the older file left where it is."""
    try:
        return hub_folder(model, _PATTERNS, (*_NEEDED[:1], _WEIGHTS, *_NEEDED[2:]))
    except InputError as error:
        try:
            return hub_folder(model, (*_PATTERNS, _OLD_WEIGHTS), _NEEDED)
        except InputError:
            raise error from None


def _weights(folder: Path) -> tuple[Path, ...]:
    single, index = (folder / name for name in _WEIGHTS)
    if single.is_file():
        return (single,)
    if not index.is_file():
        return (folder / _OLD_WEIGHTS,)
    shards = _read_json(index).get("weight_map")
    names = sorted(set(cast("dict[str, str]", shards).values())) if isinstance(shards, dict) else []
    if not names or any(Path(name).name != name or not name.endswith(".safetensors") for name in names):
        raise InputError(f"{index} does not list safetensors files beside it")
    absent = [name for name in names if not (folder / name).is_file()]
    if absent:
        raise InputError(f"the model folder {folder} has no {absent[0]}, which {index.name} lists")
    return tuple(folder / name for name in names)


def _read_json(path: Path) -> Json:
    try:
        content = json.loads(read_regular(path).decode())
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read as JSON: {error}") from error
    if not isinstance(content, dict):
        raise InputError(f"{path} must be a JSON object, got {type(content).__name__}")
    return cast("Json", content)


def _without_bookkeeping(value: object) -> object:
    if not isinstance(value, dict):
        return value
    items = cast("dict[str, object]", value).items()
    return {name: _without_bookkeeping(inner) for name, inner in items if name not in _BOOKKEEPING}
