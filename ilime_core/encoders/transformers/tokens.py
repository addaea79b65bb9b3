"""A transformers tokenizer without its fixed context: rows as long as the text, and places of tokens."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from ilime_core.encoders.fingerprint import file_sha256, text_sha256
from ilime_core.encoders.row_tokeniser import fills_alike, n_special_behind, spans_of
from ilime_core.encoders.transformers.files import TransformersSource, quiet_transformers
from ilime_core.errors import InputError

__all__ = ["TransformersTokeniser", "build_tokeniser"]


class TransformersTokeniser:
    """Rows of a tokenizer, cut and padded as ``padding="max_length", truncation=True`` does.

    Attributes
    ----------
    context_length
        Positions of the tower.
    pads_left
        True if padding comes before a text.
    mask_word
        Its mask token, else its unknown token unless that is the end of a text (as CLIP's), else a lone x.
    """

    def __init__(self, inner: Any, context_length: int) -> None:
        self._inner = inner
        self.context_length = context_length
        self.pads_left = inner.padding_side == "left"
        self.pad = int(inner.pad_token_id)
        self.n_last = n_special_behind(inner)
        unknown = inner.unk_token if inner.unk_token != inner.eos_token else None
        self.mask_word = str(inner.mask_token or unknown or "x")

    @property
    def end_token(self) -> int | None:
        """What stands behind a text, if the tokenizer has such a token."""
        return cast("int | None", self._inner.eos_token_id)

    def identity(self) -> str:
        """Digest of the vocabulary and the rules."""
        inner = self._inner
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
        return text_sha256(
            vocabulary + json.dumps([inner.pad_token_id, inner.padding_side, self.context_length])
        )

    def rows(self, texts: Sequence[str]) -> list[list[int]]:
        """Token rows with special tokens, not cut; a text without any token is one of padding."""
        rows = cast("list[list[int]]", self._inner(list(texts), verbose=False).input_ids)
        return [row or [self.pad] for row in rows]

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Code-point spans of the text's own tokens, see :func:`spans_of`."""
        return spans_of(self._inner, text)

    def matches_own(self) -> bool:
        """True if texts become the rows that the tokenizer itself makes of them."""
        length = self.context_length
        options = {"padding": "max_length", "truncation": True, "max_length": length, "return_tensors": "pt"}
        return fills_alike(self, lambda texts: self._inner(texts, **options).input_ids)


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
