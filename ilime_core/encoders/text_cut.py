"""Words or tokens of a text as a tower reads them."""

from collections.abc import Sequence
from typing import Literal

from ilime_core.encoders.truncation import truncated_flags
from ilime_core.protocols.encoders import TextEncoder
from ilime_core.records import TextSegments
from ilime_core.segmentation.tokens import token_segments
from ilime_core.segmentation.words import word_segments

__all__ = ["TextUnit", "cut_text"]

TextUnit = Literal["word", "token"]


def cut_text(text: str, unit: TextUnit, encoder: TextEncoder) -> TextSegments:
    """Cut a text into words or tokens; those beyond the model's context are marked.

    Parameters
    ----------
    text
        The text as written.
    unit
        ``word`` for Unicode words, ``token`` for the tokenizer's own tokens.
    encoder
        Tower whose tokenizer and context length decide.

    Returns
    -------
    TextSegments
        Spans in code points of ``text``.

    Raises
    ------
    InputError
        If ``unit`` is ``token`` and the tokenizer does not report where its tokens are.
    """

    def truncated(whole: str, spans: Sequence[tuple[int, int]]) -> Sequence[bool]:
        return truncated_flags(whole, spans, encoder)

    if unit == "token":
        return token_segments(text, encoder.token_spans(text), truncated)
    return word_segments(text, truncated)
