"""open_clip's tokenizers without their fixed context: rows as long as the text, and places of tokens."""

import json
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import cast

from open_clip.tokenizer import HFTokenizer, SimpleTokenizer

from ilime_core.encoders.alignment import Alignment
from ilime_core.encoders.fingerprint import text_sha256
from ilime_core.encoders.row_tokeniser import RowTokeniser, fills_alike, n_special_behind, spans_of
from ilime_core.errors import InputError

__all__ = ["build_tokeniser"]


def build_tokeniser(configuration: str, folder: Path | None) -> RowTokeniser:
    """Make the tokenizer that a model configuration names, and check that its rows are open_clip's own.

    Parameters
    ----------
    configuration
        open_clip's model configuration, as JSON.
    folder
        Folder that paths of the configuration may be relative to; None where it is not a file.

    Returns
    -------
    RowTokeniser
        Checked on short, long and empty texts.

    Raises
    ------
    InputError
        If the tokenizer cannot be had, or builds its rows in a way that is not known here.
    """
    text = cast("dict[str, object]", json.loads(configuration)["text_cfg"])
    length = cast("int", text.get("context_length", 77))
    settings = cast("dict[str, object]", text.get("tokenizer_kwargs", {}))
    name = cast("str", text.get("hf_tokenizer_name") or "")
    if not name:
        merges = settings.get("bpe_path")
        if merges is not None and folder is not None and (folder / str(merges)).is_file():
            settings = {**settings, "bpe_path": str(folder / str(merges))}
        own = SimpleTokenizer(context_length=length, **settings)  # pyright: ignore[reportArgumentType] - JSON
        return _checked(BytePairTokeniser(own), own)
    if folder is not None and (folder / name).is_dir():
        name = str(folder / name)
    try:
        mode = cast("str | None", text.get("tokenizer_mode"))
        other = HFTokenizer(name, length, tokenizer_mode=mode, **settings)  # pyright: ignore[reportArgumentType] - JSON
    except (OSError, ValueError) as error:
        why = " ".join(str(error).split())[:200]
        raise InputError(
            f"the tokenizer {name} is not on this machine and could not be loaded ({why})"
        ) from error
    return _checked(HubTokeniser(other), other)


class BytePairTokeniser:
    """CLIP's byte-pair encoding."""

    pad = 0
    pads_left = False
    n_last = 1
    # Byte pairs have no mask token; a lone letter is one token with as little meaning as any.
    mask_word = "x"

    def __init__(self, own: SimpleTokenizer) -> None:
        self._own = own
        self.context_length = int(own.context_length or 0)

    def identity(self) -> str:
        """Digest of the vocabulary and the rules."""
        rules = (
            self._own.encoder,
            [*map(list, self._own.bpe_ranks)],
            self._own.clean_fn.__name__,
            self.context_length,
        )
        return text_sha256(json.dumps(rules))

    def rows(self, texts: Sequence[str]) -> list[list[int]]:
        first, last = self._own.sot_token_id, self._own.eot_token_id
        return [[first, *self._own.encode(text), last] for text in texts]

    def spans(self, text: str) -> list[tuple[int, int]]:
        cleaned = str(self._own.clean_fn(text))
        alignment = Alignment(text, cleaned)
        spans: list[tuple[int, int]] = []
        for match in self._own.pat.finditer(cleaned):
            spans += [alignment.original_span(*span) for span in self._parts(match.group(), match.start())]
        return spans

    def _parts(self, word: str, start: int) -> list[tuple[int, int]]:
        """Spans of a word's byte pairs; one that ends inside a character takes the whole character."""
        encoded = "".join(self._own.byte_encoder[byte] for byte in word.encode())
        parts = [part.removesuffix("</w>") for part in self._own.bpe(encoded).split(" ")]
        if encoded in self._own.cache and encoded in self._own.encoder and parts == [encoded]:
            return [(start, start + len(word))]
        character = [at for at, letter in enumerate(word) for _ in letter.encode()]
        ends = list(accumulate(map(len, parts)))
        begins = [0, *ends[:-1]]
        return [
            (start + character[a], start + character[b - 1] + 1) for a, b in zip(begins, ends, strict=True)
        ]


class HubTokeniser:
    """A transformers tokenizer with open_clip's cleaning."""

    def __init__(self, own: HFTokenizer) -> None:
        self._own = own
        self._inner = own.tokenizer
        self.context_length = int(own.context_length or 0)
        self.pads_left = self._inner.padding_side == "left"
        stripped = own.strip_sep_token and self._inner.pad_token_id == self._inner.sep_token_id
        self.pad = 0 if stripped else int(self._inner.pad_token_id)
        self.n_last = n_special_behind(self._inner)
        self.mask_word = str(self._inner.mask_token or self._inner.unk_token or "x")

    def identity(self) -> str:
        """Digest of the vocabulary and the rules."""
        inner = self._inner
        vocabulary = inner.backend_tokenizer.to_str() if inner.is_fast else json.dumps(inner.get_vocab())
        rules = (self._own.clean_fn.__name__, self._own.strip_sep_token, self.pad, self.context_length)
        return text_sha256(vocabulary + json.dumps(rules))

    def rows(self, texts: Sequence[str]) -> list[list[int]]:
        cleaned = [str(self._own.clean_fn(text)) for text in texts]
        rows = cast("list[list[int]]", self._inner(cleaned, verbose=False).input_ids)
        if not self._own.strip_sep_token:
            return rows
        separator = self._inner.sep_token_id
        return [[0 if token == separator else token for token in row] for row in rows]

    def spans(self, text: str) -> list[tuple[int, int]]:
        cleaned = str(self._own.clean_fn(text))
        alignment = Alignment(text, cleaned)
        return [alignment.original_span(*span) for span in spans_of(self._inner, cleaned)]


def _checked(tokeniser: RowTokeniser, own: SimpleTokenizer | HFTokenizer) -> RowTokeniser:
    if not fills_alike(tokeniser, own):
        raise InputError(
            f"the rows of this model's tokenizer ({type(own).__name__}) are built in an unknown way"
        )
    return tokeniser
