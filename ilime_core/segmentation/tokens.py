"""Tokens of the model's own tokenizer as segments."""

from ilime_core.segmentation.word_boundaries import Spans
from ilime_core.segmentation.words import FindTruncated, text_segments
from ilime_core.view_records import TextSegments

__all__ = ["token_segments"]


def token_segments(text: str, spans: Spans, find_truncated: FindTruncated | None = None) -> TextSegments:
    """Cut a text into its tokens, punctuation included.

    Parameters
    ----------
    text
        The text as written.
    spans
        Result of `TextEncoder.token_spans`, in order. Spaces at their ends are cut off, empty spans omitted,
        and tokens that share a code point (bytes of one emoji) become one segment.
    find_truncated
        Flags the segments beyond the context; None for none.

    Returns
    -------
    TextSegments
        One segment per token or group of tokens.
    """
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        trimmed = _without_spaces(text, start, end)
        if trimmed is None:
            continue
        if merged and trimmed[0] < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], trimmed[1]))
        else:
            merged.append(trimmed)
    return text_segments(text, merged, find_truncated)


def _without_spaces(text: str, start: int, end: int) -> tuple[int, int] | None:
    piece = text[start:end]
    left = start + len(piece) - len(piece.lstrip())
    right = start + len(piece.rstrip())
    return (left, right) if left < right else None
