"""A small CLIP trained on generated scenes: where its files lie."""

from pathlib import Path

__all__ = ["CHECKPOINTS", "CONFIGURATION"]

_FOLDER = Path(__file__).parent

CONFIGURATION = _FOLDER / "scenes.json"
CHECKPOINTS = {"final": _FOLDER / "final.safetensors", "early": _FOLDER / "early.safetensors"}
"""Weights by the tag that a spec calls them by: the end of the training, and its first tenth."""
