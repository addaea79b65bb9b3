"""Modality of an item; a module of its own, so that naming items does not import torch."""

from enum import StrEnum

__all__ = ["Modality"]


class Modality(StrEnum):
    """Modality of an item: image or text."""

    IMAGE = "image"
    TEXT = "text"
