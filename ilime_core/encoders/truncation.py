"""Truncation: the words of a text beyond the positions that a text tower reads."""

from bisect import bisect_left
from collections.abc import Sequence

from ilime_core.protocols.encoders import TextEncoder

__all__ = ["truncated_flags"]


def truncated_flags(text: str, spans: Sequence[tuple[int, int]], encoder: TextEncoder) -> list[bool]:
    """Mark spans whose end the tower does not read.

    A word is visible when the text up to its end, special tokens included, fits into the context.

    Parameters
    ----------
    text
        The whole text.
    spans
        Code-point spans in reading order.
    encoder
        Tower whose tokenizer and context length decide.

    Returns
    -------
    list of bool
        One per span; once True, True for all that follow.
    """
    if not spans or _fits(text, encoder):
        return [False] * len(spans)
    # Longer prefixes have more tokens, so the first one that is too long is found by halving.
    n_visible = bisect_left(range(len(spans)), 1, key=lambda i: int(not _fits(text[: spans[i][1]], encoder)))
    return [i >= n_visible for i in range(len(spans))]


def _fits(text: str, encoder: TextEncoder) -> bool:
    return len(encoder.tokenise([text])[0]) <= encoder.context_length
