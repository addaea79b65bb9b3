"""What an item is made of; alone in its file, so that who only names items does not import torch."""

from enum import StrEnum

__all__ = ["Modality"]


class Modality(StrEnum):
    """What an item is made of."""

    IMAGE = "image"
    TEXT = "text"
