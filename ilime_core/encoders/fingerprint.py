"""Fingerprint of a model: one digest of its weights, its tokenizer and its preprocessing."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path

from ilime_core.encoders.preprocessing import Preprocessing
from ilime_core.errors import InputError
from ilime_core.regular_file import open_regular

__all__ = ["file_sha256", "model_fingerprint", "text_sha256"]


def file_sha256(path: Path) -> str:
    """Digest a file in constant memory.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    try:
        with open_regular(path) as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"the model file {path} cannot be read: {error.strerror or error}") from error


def text_sha256(text: str) -> str:
    """Digest a text as UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def model_fingerprint(
    weights: Iterable[Path],
    *,
    architecture: Mapping[str, object],
    tokenizer: str,
    preprocessing: Preprocessing,
) -> str:
    """Digest all that decides a model's embeddings; no model is built for it.

    Parameters
    ----------
    weights
        Weight files; their contents count, their names and order of naming do not change between machines.
    architecture
        What the weights are put into, as JSON values (activation function, read-out ...).
    tokenizer
        Identity of the tokenizer: a digest of its vocabulary and rules.
    preprocessing
        From picture to input.

    Returns
    -------
    str
        Hex sha256.
    """
    parts = {
        "weights": [file_sha256(path) for path in weights],
        "architecture": dict(architecture),
        "tokenizer": tokenizer,
        "preprocessing": asdict(preprocessing),
    }
    return text_sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False))
