"""Bounds on single items: an item beyond them fails alone, so that none takes the memory of a run."""

from ilime_core.errors import FailureReason, ItemError
from tasks.corpora.usable_text import is_blank
from tasks.spec import SegmentationParameters

__all__ = ["check_segments", "check_text_bounds", "is_usable_text"]


def check_text_bounds(name: str, text: str | None, parameters: SegmentationParameters) -> str:
    """Return a text that can be encoded.

    Parameters
    ----------
    name
        Name of the text in messages.
    text
        Text of the corpus; None is refused.
    parameters
        Section of the spec with the bounds.

    Returns
    -------
    str
        The text itself.

    Raises
    ------
    ItemError
        If no character of it can be seen, or it has more than ``segmentation.text.max_characters``.
    """
    if text is None or is_blank(text):
        raise ItemError(FailureReason.EMPTY, f"{name}: the caption has no characters but spaces")
    most = parameters.text.max_characters
    if len(text) > most:
        raise ItemError(
            FailureReason.TOO_LARGE,
            f"{name}: the text has {len(text):,} characters, at most {most:,} are read; shorten it, or raise "
            "segmentation.text.max_characters",
        )
    return text


def is_usable_text(text: str | None, parameters: SegmentationParameters) -> bool:
    """True if `check_text_bounds` accepts a text.

    Parameters
    ----------
    text
        Text of the corpus.
    parameters
        Section of the spec with the bounds.

    Returns
    -------
    bool
        False where `check_text_bounds` would raise.
    """
    return text is not None and not is_blank(text) and len(text) <= parameters.text.max_characters


def check_segments(name: str, n_segments: int, most: int, field: str) -> None:
    """Refuse an item whose masks would take more memory than was allowed.

    Parameters
    ----------
    name
        Name of the item in messages.
    n_segments
        Segments of it that the model sees.
    most
        Largest number of segments that is explained.
    field
        Field of the spec that holds the bound.

    Raises
    ------
    ItemError
        If there are more.
    """
    if n_segments > most:
        raise ItemError(
            FailureReason.TOO_LARGE,
            f"{name}: has {n_segments:,} segments, at most {most:,} are explained; make them fewer, or raise "
            f"{field}",
        )
