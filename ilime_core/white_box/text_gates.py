"""Assignment of a text's tokens to its words."""

from ilime_core.encoding.token_rows import cut_rows
from ilime_core.errors import InputError
from ilime_core.protocols.encoders import TextEncoder
from ilime_core.records import TextSegments
from ilime_core.white_box_records import GatedText

__all__ = ["gate_words"]


def gate_words(tower: TextEncoder, segments: TextSegments) -> GatedText:
    """Give every visible word of a text a gate on its tokens.

    Tokens that no visible word overlaps (special tokens, signs between words, parts of a word that the
    context cuts) always stay as they are.

    Parameters
    ----------
    tower
        Its tokenizer, context and mask word are used.
    segments
        Words of the text, at least one of them visible.

    Returns
    -------
    GatedText
        Token row with the word of every token.

    Raises
    ------
    InputError
        If special tokens do not enclose the text's own tokens, or no word is visible.
    """
    if not segments.n_segments:
        raise InputError("a text needs at least one visible word to be gated, got none")
    row, spans = tower.tokenise([segments.text])[0], tower.token_spans(segments.text)
    n_first, n_last = _specials(tower)
    if len(row) != n_first + len(spans) + n_last:
        raise InputError(
            f"the tokenizer makes {len(row)} tokens of {segments.text!r}, of which {n_first} should open and "
            f"{n_last} close the row around {len(spans)} of its own: such rows cannot be gated"
        )
    words = [-1] * n_first + [_word_of(span, segments) for span in spans] + [-1] * n_last
    cut_row, cut_words = (cut_rows([one], tower.context_length, n_last=n_last)[0] for one in (row, words))
    mask = tower.tokenise([tower.mask_word])[0]
    return GatedText(
        tuple(cut_row), tuple(cut_words), tuple(mask[n_first : len(mask) - n_last]), segments.n_segments
    )


def _specials(tower: TextEncoder) -> tuple[int, int]:
    """Special tokens before and after a text: those that an empty one shares with the mask word's row."""
    empty, word = tower.tokenise(["", tower.mask_word])
    n_own = len(tower.token_spans(tower.mask_word))
    n_special = len(word) - n_own
    n_first = 0
    while n_first < min(n_special, len(empty)) and empty[n_first] == word[n_first]:
        n_first += 1
    return n_first, n_special - n_first


def _word_of(span: tuple[int, int], segments: TextSegments) -> int:
    """Word that shares most characters with a token, the first of several; -1 where none does."""
    shared = [
        min(span[1], end) - max(span[0], start)
        for start, end in zip(segments.starts, segments.ends, strict=True)
    ]
    best = max(range(len(shared)), key=shared.__getitem__)
    return best if shared[best] > 0 and best < segments.n_segments else -1
