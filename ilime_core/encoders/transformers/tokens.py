"""A transformers tokenizer without its fixed context: rows as long as the text, and places of tokens."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from jaxtyping import Int
from torch import Tensor

from ilime_core.encoders.fingerprint import file_sha256, text_sha256
from ilime_core.encoders.transformers.files import TransformersSource, quiet_transformers
from ilime_core.encoding.token_rows import cut_rows, pad_rows
from ilime_core.errors import InputError

__all__ = ["TransformersTokeniser", "build_tokeniser"]

_PROBES = ("", "a", "A tabby cat, 2 dogs & a man's   bicycle", "one two three " * 40)


class TransformersTokeniser:
    """Rows of a tokenizer, cut and padded as ``padding="max_length", truncation=True`` does.

    Attributes
    ----------
    context_length
        Positions of the tower.
    identity
        Digest of vocabulary and rules.
    pads_left
        True if padding comes before a text.
    mask_word
        Its mask token, else its unknown token unless that is the end of a text (as CLIP's), else a lone x.
    """

    def __init__(self, inner: Any, context_length: int) -> None:
        self._inner = inner
        self.context_length = context_length
        self.identity = _identity(inner, context_length)
        self.pads_left = inner.padding_side == "left"
        self._pad = int(inner.pad_token_id)
        self._n_last = self._count_last()
        unknown = inner.unk_token if inner.unk_token != inner.eos_token else None
        self.mask_word = str(inner.mask_token or unknown or "x")

    @property
    def end_token(self) -> int | None:
        """What stands behind a text, if the tokenizer has such a token."""
        return cast("int | None", self._inner.eos_token_id)

    def rows(self, texts: Sequence[str]) -> list[list[int]]:
        """Token rows with special tokens, not cut; a text without any token is one of padding."""
        rows = cast("list[list[int]]", self._inner(list(texts), verbose=False).input_ids)
        return [row or [self._pad] for row in rows]

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Code-point spans of the text's own tokens; SentencePiece counts the blank before a word as its own.

        Raises
        ------
        InputError
            If the tokenizer does not tell them, as those do that have only a SentencePiece file.
        """
        if not self._inner.is_fast:
            raise InputError("this model's tokenizer does not tell where tokens stand: segment texts by word")
        found = self._inner(text, add_special_tokens=False, return_offsets_mapping=True, verbose=False)
        return [(int(start), int(end)) for start, end in found.offset_mapping]

    def fill(
        self, rows: Sequence[Sequence[int]], width: int | None, device: str
    ) -> Int[Tensor, "batch width"]:
        """Cut rows to the context and pad them, as the tokenizer does.

        Parameters
        ----------
        rows
            Token rows of :meth:`rows`.
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
        cut = cut_rows(rows, self.context_length, n_last=self._n_last)
        return pad_rows(cut, width, pad=self._pad, device=device, left=self.pads_left)

    def matches_own(self) -> bool:
        """True if texts become the rows that the tokenizer itself makes of them."""
        own = self._inner(
            list(_PROBES),
            padding="max_length",
            truncation=True,
            max_length=self.context_length,
            return_tensors="pt",
        ).input_ids
        got = self.fill(self.rows(_PROBES), self.context_length, "cpu")
        return got.shape == own.shape and bool((got == own).all())

    def _count_last(self) -> int:
        """Special tokens behind a text, which survive cutting."""
        row = self._inner("a").input_ids
        special = self._inner.get_special_tokens_mask(row, already_has_special_tokens=True)
        return next((at for at, flag in enumerate(reversed(special)) if not flag), 0)


def build_tokeniser(source: TransformersSource) -> TransformersTokeniser:
    """Make the tokenizer of a model's folder, and check its rows.

    Raises
    ------
    InputError
        If it cannot be loaded, knows more tokens than the model, or builds its rows in an unknown way.
    """
    from transformers import AutoConfig, AutoTokenizer  # noqa: PLC0415 - seconds to import: only for who uses it

    try:
        with quiet_transformers():
            config = AutoConfig.from_pretrained(str(source.folder), local_files_only=True)
            inner = AutoTokenizer.from_pretrained(
                str(source.folder), local_files_only=True, trust_remote_code=False
            )
    except (OSError, ValueError, ImportError, KeyError, TypeError) as error:
        why = " ".join(str(error).split())[:200]
        raise InputError(
            f"the tokenizer of {source.label} cannot be loaded ({why}); SigLIP's needs "
            "pip install 'ilime[transformers]'"
        ) from error
    text = config.text_config
    if inner.pad_token_id is None or inner.vocab_size > text.vocab_size:
        raise InputError(
            f"the tokenizer of {source.label} (vocabulary {inner.vocab_size}, padding {inner.pad_token_id}) "
            f"does not fit its model (vocabulary {text.vocab_size})"
        )
    tokeniser = TransformersTokeniser(inner, int(text.max_position_embeddings))
    with quiet_transformers():
        matches = tokeniser.matches_own()
    if not matches:
        raise InputError(
            f"the rows of the tokenizer of {source.label} ({type(inner).__name__}) are built in a way that "
            "is not known here"
        )
    return tokeniser


def _identity(inner: Any, context_length: int) -> str:
    if inner.is_fast:
        rules = cast("dict[str, object]", json.loads(inner.backend_tokenizer.to_str()))
        # How the last call padded and cut is kept there too, and is no rule.
        vocabulary = json.dumps(
            {name: rules[name] for name in rules.keys() - {"padding", "truncation"}}, sort_keys=True
        )
    else:
        path = getattr(inner, "vocab_file", None)
        lower = getattr(inner, "do_lower_case", None)
        content = file_sha256(Path(path)) if path else json.dumps(inner.get_vocab(), sort_keys=True)
        vocabulary = json.dumps([type(inner).__name__, lower, content])
    return text_sha256(vocabulary + json.dumps([inner.pad_token_id, inner.padding_side, context_length]))
