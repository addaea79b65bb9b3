"""Tokenizer without its fixed context: rows as long as their texts, filled up for a tower afterwards."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, runtime_checkable

from jaxtyping import Int
from torch import Tensor

from ilime_core.encoding.token_rows import cut_rows, pad_rows
from ilime_core.errors import InputError

__all__ = ["RowTokeniser", "fill_rows", "fills_alike", "n_special_behind", "spans_of"]

_PROBES = ("", "a", "A tabby cat, 2 dogs &amp; a man's   bicycle", "one two three " * 40)


@runtime_checkable
class RowTokeniser(Protocol):
    """A tokenizer whose rows are not cut and not padded.

    Attributes
    ----------
    context_length
        Positions of the tower.
    pad
        Id of the padding token.
    pads_left
        True if padding comes before a text.
    n_last
        Last tokens of a row that survive cutting.
    mask_word
        Word that replaces a removed one.
    """

    context_length: int
    pad: int
    pads_left: bool
    n_last: int
    mask_word: str

    def identity(self) -> str:
        """Digest of the vocabulary and the rules."""
        ...

    def rows(self, texts: Sequence[str]) -> list[list[int]]:
        """Token rows with special tokens, none of them empty."""
        ...

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Code-point spans of the text's own tokens, in order."""
        ...


def fill_rows(
    tokeniser: RowTokeniser, rows: Sequence[Sequence[int]], width: int | None, device: str
) -> Int[Tensor, "batch width"]:
    """Cut rows to the context as the tokenizer cuts, and pad them as it pads.

    Parameters
    ----------
    tokeniser
        Tokenizer of the rows.
    rows
        Token rows of its method ``rows``.
    width
        Columns of the result; the longest cut row where that is longer or this is None.
    device
        Device of the result.

    Returns
    -------
    Tensor, batch x width
        Token ids in int64.

    Raises
    ------
    InputError
        If there are no rows, or an empty one.
    """
    cut = cut_rows(rows, tokeniser.context_length, n_last=tokeniser.n_last)
    return pad_rows(cut, width, pad=tokeniser.pad, device=device, left=tokeniser.pads_left)


def fills_alike(tokeniser: RowTokeniser, own: Callable[[list[str]], Int[Tensor, "_ _"]]) -> bool:
    """Compare :func:`fill_rows` with a library's own rows.

    Parameters
    ----------
    tokeniser
        Tokenizer on trial.
    own
        The library's own way from texts to rows of the whole context.

    Returns
    -------
    bool
        True if both agree on short, long and empty texts.
    """
    wanted = own(list(_PROBES))
    got = fill_rows(tokeniser, tokeniser.rows(_PROBES), tokeniser.context_length, "cpu")
    return got.shape == wanted.shape and bool((got == wanted).all())


def n_special_behind(inner: Any) -> int:
    """Special tokens that a tokenizer of the transformers library puts behind a text."""
    row = inner("a").input_ids
    special = inner.get_special_tokens_mask(row, already_has_special_tokens=True)
    return next((at for at, flag in enumerate(reversed(special)) if not flag), 0)


def spans_of(inner: Any, text: str) -> list[tuple[int, int]]:
    """Code-point spans of a text's own tokens.

    Parameters
    ----------
    inner
        Tokenizer of the transformers library.
    text
        The text as the tokenizer gets it.

    Returns
    -------
    list of tuple
        First code point and the one after the last; SentencePiece includes the blank before a word.

    Raises
    ------
    InputError
        If the tokenizer does not report them, as those that have only a SentencePiece file.
    """
    if not inner.is_fast:
        raise InputError("this model's tokenizer gives no positions of tokens: segment texts by word")
    found = inner(text, add_special_tokens=False, return_offsets_mapping=True, verbose=False)
    return [(int(start), int(end)) for start, end in found.offset_mapping]
