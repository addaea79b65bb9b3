"""Segments of texts: words, with those beyond the model's context."""

from collections.abc import Callable, Sequence

from ilime_core.segmentation.word_boundaries import Spans, word_spans
from ilime_core.view_records import TextSegments

__all__ = ["FindTruncated", "text_segments", "word_segments"]

FindTruncated = Callable[[str, Spans], Sequence[bool]]
"""Function that flags the spans of a text beyond the model's context."""


def text_segments(text: str, spans: Spans, find_truncated: FindTruncated | None = None) -> TextSegments:
    """Build the record of spans with their truncation; every span after a truncated one is truncated too.

    Parameters
    ----------
    text
        The text as written.
    spans
        Spans in code points, in order.
    find_truncated
        Flags the spans beyond the context; None for none.

    Returns
    -------
    TextSegments
        One segment per span.
    """
    flags = [False] * len(spans) if find_truncated is None else list(find_truncated(text, spans))
    visible = flags.index(True) if True in flags else len(spans)
    return TextSegments(
        text=text,
        starts=tuple(start for start, _ in spans),
        ends=tuple(end for _, end in spans),
        truncated=tuple(index >= visible for index in range(len(spans))),
    )


def word_segments(text: str, find_truncated: FindTruncated | None = None) -> TextSegments:
    """Cut a text into words; a text without words has no segments.

    Parameters
    ----------
    text
        The text as written.
    find_truncated
        Flags the words beyond the context; None for none.

    Returns
    -------
    TextSegments
        One segment per word.
    """
    return text_segments(text, word_spans(text), find_truncated)
